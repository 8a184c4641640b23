"""The file that a package ships, from a run of train.py: rounded weights, calibrations, priors.

python weights/ship.py efficientnet_lite2=runs/taught.npz --set osie=osie/ … [--out FILE]
python weights/graph.py [FILE GRAPH]
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
from pictures import centre_bias, read_parts

from keras_saliency.lite.calibration import Calibration
from keras_saliency.lite.layout import DATASETS, FRAME
from keras_saliency.lite.weights import FILE, PRIOR_GRID, UNKNOWN, LiteWeights
from keras_saliency.models.saliency_lite import CALIBRATION


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", metavar="ENCODER=FILE")
    parser.add_argument("--set", action="append", required=True, metavar="NAME=FOLDER")
    parser.add_argument("--out", type=Path, default=FILE)
    given = parser.parse_args()
    encoder, _, run = given.run.partition("=")
    with np.load(run) as held:
        arrays = dict(held)
    frame = tuple(map(int, arrays.pop("frame", FRAME)))
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
    LiteWeights(encoder, arrays, calibrations, priors, frame).write(given.out)
    digest = hashlib.sha256(given.out.read_bytes()).hexdigest()
    print(f"{given.out}: {given.out.stat().st_size:,} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main()
