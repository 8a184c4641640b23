"""Scores of two small published networks, fastgaze and Glimpse, which we read and never ship.

    python benchmarks/published_networks.py --networks networks/ \\
        --osie osie/ --mit1003 mit1003_test/ --mit1003-train mit1003_train/

`networks/` holds `fastgaze.npz` (twitter-research/image-crop-analysis; Theis et al. 2018,
arXiv:1801.05787) and `glimpse.tflite` (the-super-toys/glimpse-android-client), both under
Apache-2.0. Their maps are densities: fastgaze's scores are log densities up to a constant, its
Gaussian is left out; Glimpse's map goes through softmax(map / 0.2) on its 22 x 22 cells. Both are
enlarged to the picture, a share of 0.001 uniform. How fastgaze takes its pictures is not stated:
the order of colours and the longer side are those with the best information gain on 50 validation
pictures of OSIE and 50 of MIT1003 together. Columns as in
`learned_models.py`; `ig fitted` adds a centre bias, which neither network has.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from learned_models import FITTED, METRICS, heading, judging_part, line, scored_maps, test_part
from PIL import Image

from benchmark_kit import evaluate, get_dataset
from benchmark_kit.types import Truths
from keras_saliency.base.centre_bias import normalised
from keras_saliency.base.resample import resample

LAYERS = ("0", "1", "pool", "3", "4", "pool", "6", "7", "pool", "9", "10", "pool", "12", "13")
READOUT = ("14", "15", "16", "17")
SIDES, ORDERS = (224, 320, 448), ("rgb", "bgr")
CELLS, SHARPNESS, UNIFORM = 176, 0.2, 1e-3


def fastgaze(path: Path) -> Callable[..., np.ndarray]:
    """A function from a picture's file, `side` and `order` to its log density."""
    import tensorflow as tf

    held = {name: tf.constant(values) for name, values in np.load(path).items()}

    @tf.function(input_signature=[tf.TensorSpec((1, None, None, 3), tf.float32)])
    def scores(x: Any) -> Any:
        for name in (*LAYERS, *READOUT):
            if name == "pool":
                x = tf.nn.max_pool2d(x, 2, 2, "VALID")
                continue
            kernel = tf.transpose(held[f"{name}.w"], (2, 3, 1, 0))
            x = tf.nn.conv2d(x, kernel, 1, "SAME") + held[f"{name}.b"]
            slope = held[f"{name}.alpha"] if name in READOUT else 0.0
            x = tf.maximum(x, 0) + slope * tf.minimum(x, 0)
        return x[0, ..., 0]

    def predict(file: str, side: int, order: str) -> np.ndarray:
        picture = Image.open(file).convert("RGB")
        scale = side / max(picture.size)
        small = picture.resize(tuple(round(n * scale) for n in picture.size), Image.BILINEAR)
        pixels = np.asarray(small, np.float32)[None]
        found = scores(pixels if order == "rgb" else pixels[..., ::-1]).numpy()
        return enlarged(found, (picture.height, picture.width))

    return predict


def glimpse(path: Path) -> Callable[[str], np.ndarray]:
    """A function from a picture's file to its log density."""
    import tensorflow as tf

    runner = tf.lite.Interpreter(str(path), num_threads=1)
    runner.allocate_tensors()
    into, out = runner.get_input_details()[0]["index"], runner.get_output_details()[0]["index"]

    def predict(file: str) -> np.ndarray:
        picture = Image.open(file).convert("RGB")
        pixels = np.asarray(picture.resize((CELLS, CELLS), Image.BILINEAR), np.float32) / 255
        runner.set_tensor(into, np.moveaxis(pixels, -1, 0)[None])
        runner.invoke()
        found = np.squeeze(runner.get_tensor(out))
        return enlarged(found / SHARPNESS, (picture.height, picture.width))

    return predict


def enlarged(scores: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scores on a coarse grid as a log density of the picture's size."""
    density = np.exp(normalised(resample(scores.astype(np.float32), size, "bilinear")))
    return np.log((1 - UNIFORM) * density + UNIFORM / density.size)


def choose(predict: Callable[..., np.ndarray], judges: list[Truths]) -> dict[str, Any]:
    """Side and order of colours with the best information gain, mean of the validation parts."""
    found = {}
    for order in ORDERS:
        for side in SIDES:
            gains = []
            for truths in judges:
                maps = {t.name: predict(str(t.stimulus), side, order) for t in truths}
                options = {"dialect": "tuebingen", "metrics": ("ig",), "bootstrap": 0}
                gains.append(evaluate(maps, truths, log_density=True, **options).value("ig"))
            found[side, order] = float(np.mean(gains))
            print(f"fastgaze, longer side {side}, {order}: {gains} bit", flush=True)
    side, order = max(found, key=found.__getitem__)
    return {"side": side, "order": order}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=Path, required=True, help="folder of the two files")
    parser.add_argument("--osie", type=Path, required=True, help="OSIE's folder")
    parser.add_argument("--mit1003", type=Path, required=True, help="test part, a folder data set")
    parser.add_argument("--mit1003-train", type=Path, required=True, help="training part, likewise")
    given = parser.parse_args()
    judges = {
        "osie": judging_part("osie", given.osie),
        "mit1003": judging_part("mit1003", given.mit1003_train),
    }
    tests = {
        "osie": test_part(get_dataset("osie", given.osie)),
        "mit1003": get_dataset("folder", given.mit1003),
    }
    reader = fastgaze(given.networks / "fastgaze.npz")
    chosen = choose(reader, list(judges.values()))
    print(f"chosen: {chosen}")
    networks = {
        "fastgaze": partial(reader, **chosen),
        "Glimpse": glimpse(given.networks / "glimpse.tflite"),
    }
    found: dict[str, Any] = {"fastgaze": chosen}
    for called, truths in tests.items():
        print(heading(called, truths, (*METRICS, FITTED)))
        for name, predict in networks.items():
            values = scored_maps(predict, truths, judges[called], density=True)
            print(line(name, values, (*METRICS, FITTED)), flush=True)
            found[f"{called} {name}"] = values
    print(json.dumps(found))


if __name__ == "__main__":
    main()
