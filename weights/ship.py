"""The file that the package ships, from a run of train.py: rounded weights, calibrations, priors.

python weights/ship.py runs/lite0.npz --encoder efficientnet_lite0 --set osie=osie/ …
python weights/graph.py
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
from pictures import centre_bias, read_parts

from keras_saliency.lite.calibration import Calibration
from keras_saliency.lite.layout import DATASETS
from keras_saliency.lite.weights import FILE, PRIOR_GRID, UNKNOWN, LiteWeights
from keras_saliency.models.saliency_lite import CALIBRATION


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--encoder", default="efficientnet_lite0")
    parser.add_argument("--set", action="append", required=True, metavar="NAME=FOLDER")
    given = parser.parse_args()
    with np.load(given.run) as held:
        arrays = dict(held)
    log_sigma, weight, log_gain = (arrays.pop(f"{CALIBRATION}/{k}") for k in range(3))
    triples = zip(np.exp(log_sigma), weight, np.exp(log_gain), strict=True)
    train, _ = read_parts(given.set)
    priors = {
        name: centre_bias([one for one in train if one.dataset == k]).log_density(PRIOR_GRID)
        for k, name in enumerate(DATASETS)
    }
    priors[UNKNOWN] = np.log(np.mean([np.exp(prior) for prior in priors.values()], axis=0))
    calibrations = {
        name: Calibration(*map(float, triple))
        for name, triple in zip(DATASETS, triples, strict=True)
    }
    LiteWeights(given.encoder, arrays, calibrations, priors).write(FILE)
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    print(f"{FILE}: {FILE.stat().st_size:,} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main()
