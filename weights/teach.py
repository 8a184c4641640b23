"""What several runs together say of the training pictures: their mean density, mirrored ones too.

python weights/teach.py efficientnet_lite0=runs/lite0.npz efficientnet_lite2=runs/lite2.npz
    --set osie=osie/ … --out runs/teacher.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import numpy as np
from pictures import Picture, read_parts
from train import Priors, load_run

from keras_saliency.lite.layout import CENTRE, SPREAD
from keras_saliency.models.saliency_lite import CALIBRATION, saliency_lite


def densities(network: keras.Model, one: Picture, prior: np.ndarray) -> np.ndarray:
    """The mean of the densities of a picture and of its mirror image."""
    pixels = (one.pixels.astype(np.float32) - CENTRE) / SPREAD
    number = np.array([[one.dataset]], np.float32)
    found = []
    for turn in (slice(None), slice(None, None, -1)):
        inputs = [pixels[None, :, turn], prior[None, :, turn, None], number]
        found.append(np.exp(np.asarray(network.predict_on_batch(inputs))[0, :, turn, 0]))
    return np.mean(found, axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", metavar="ENCODER=FILE")
    parser.add_argument("--set", action="append", required=True, metavar="NAME=FOLDER")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    train, _ = read_parts(given.set)
    priors = Priors(train)
    total = {one.key: np.zeros(one.grid) for one in train}
    for text in given.runs:
        encoder, _, run = text.partition("=")
        model = saliency_lite(encoder=encoder, pretrained=False)
        load_run(model, Path(run))
        prior, number = keras.Input((None, None, 1)), model.inputs[2]
        calibrated = model.get_layer(CALIBRATION)([model.get_layer("fine").output, prior, number])
        density = model.get_layer("log_density")(calibrated)
        network = keras.Model([model.inputs[0], prior, number], density)
        for one in train:
            total[one.key] += densities(network, one, priors(one.dataset, one.grid))
    logs = {key: np.log(sum_ / len(given.runs)).astype(np.float16) for key, sum_ in total.items()}
    np.savez(given.out, **logs)


if __name__ == "__main__":
    main()
