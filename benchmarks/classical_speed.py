"""Seconds a picture of models that run on one core, beside the original programs'.

    python benchmarks/classical_speed.py [NAME ...] [--size 480 640] [--repeats 3]

Processor time of `predict_map` on a generated picture, the fastest of some runs after one that
warms up. The originals' times are processor times at 640 x 480 on one core of another machine
(MATLAB programs under GNU Octave with their C parts compiled, OpenCV programs in C++), so that
ratios are rough. Without names: the models without training, and mr_cnn, whose time does not depend
on its weights. Models whose table is not there, and estimators that have not learned, are named and
left out. Prints a row a model and, last, one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import time

for _variable in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
):
    os.environ[_variable] = "1"

import numpy as np

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model, list_models

# seconds of the original programs at 640 x 480
ORIGINAL = {
    "aim": 90.0,
    "bms": 0.47,
    "bms_iccv": 0.66,
    "covsal": 270.0,
    "fine_grained": 0.08,
    "gbvs": 0.75,
    "gbvs_srgb": 0.75,
    "image_signature": 0.03,
    "itti": 0.17,
    "itti1998": 0.37,
    "spectral_residual": 0.03,
    "spectral_residual_opencv": 0.002,
    "ssr": 13.2,
    "sun": 11.3,
}


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Coloured patches of many sizes under noise: edges and gradients, as photographs have."""
    rng = np.random.default_rng(seed)
    values = np.full((height, width, 3), 128.0)
    for _ in range(200):
        top, left = rng.integers(0, height), rng.integers(0, width)
        tall, wide = rng.geometric(8 / height), rng.geometric(8 / width)
        values[top : top + tall, left : left + wide] += rng.normal(0, 40, 3)
    values += rng.normal(0, 6, values.shape)
    return values.clip(0, 255).astype(np.uint8)


def seconds(name: str, image: np.ndarray, repeats: int) -> float:
    """Processor time of one map."""
    model = build_model(name)
    taken = []
    for _ in range(repeats + 1):
        began = time.process_time()
        model.predict_map(image)
        taken.append(time.process_time() - began)
    return min(taken[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=[*list_models(kind="training-free"), "mr_cnn"])
    parser.add_argument("--size", nargs=2, type=int, default=(480, 640))
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    image = picture(*given.size)
    print(f"{'model':26} {'seconds':>8} {'original':>9} {'times as fast':>14}")
    rows = {}
    for name in given.names:
        try:
            taken = seconds(name, image, given.repeats)
        except ConfigError as error:
            print(f"{name:26} left out: {str(error).splitlines()[0][:100]}")
            continue
        rows[name] = {"seconds": round(taken, 4)}
        shown = f"{name:26} {taken:8.3f}"
        if name in ORIGINAL and tuple(given.size) == (480, 640):
            rows[name] |= {"original": ORIGINAL[name], "ratio": round(ORIGINAL[name] / taken, 2)}
            shown += f" {ORIGINAL[name]:9.3f} {ORIGINAL[name] / taken:14.1f}"
        print(shown, flush=True)
    print(json.dumps({"size": list(given.size), "models": rows}))


if __name__ == "__main__":
    main()
