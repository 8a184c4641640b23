"""How well runs predict the validation pictures, each alone and all before it together.

    python weights/together.py efficientnet_lite2=runs/taught.npz efficientnet_lite0=runs/large.npz
        --set osie=osie/ …

Densities are averaged over the runs and over mirror images, on the grid of stride 8 of the default
frame. A line a run: information gain over the leave-one-out centre bias in bits, under each set's
own calibration, and as pictures of no known set.
"""

from __future__ import annotations

import argparse

import numpy as np
from pictures import Picture, read_parts
from priors import Priors
from runs import Run, information_gain, regridded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", metavar="ENCODER=FILE")
    parser.add_argument("--set", action="append", required=True, metavar="NAME=FOLDER")
    given = parser.parse_args()
    pictures = read_parts(given.set)[1]
    for unknown in (False, True):
        print("as pictures of no known set" if unknown else "under each set's own calibration")
        total = {one.key: np.zeros(one.grid) for one in pictures}
        for text in given.runs:
            alone = predict(Run(text), given.set, unknown)
            for key, density in alone.items():
                total[key] += density
            for label, found in ((text, alone), ("  together", total)):
                print(f"{label:60}", _row(pictures, found), flush=True)


def predict(run: Run, sets: list[str], unknown: bool) -> dict[str, np.ndarray]:
    """Densities of the validation pictures on the grid of the default frame."""
    grids = {one.key: one.grid for one in read_parts(sets)[1]}
    train, check = read_parts(sets, run.frame)
    priors = Priors(train)
    found = {}
    for one in check:
        dataset = -1 if unknown else one.dataset
        density = run.density(one, priors(dataset, one.grid), dataset)
        found[one.key] = regridded(density, grids[one.key])
    return found


def _row(pictures: list[Picture], found: dict[str, np.ndarray]) -> str:
    gains = information_gain(pictures, lambda one: np.log(found[one.key] / found[one.key].sum()))
    mean = np.mean(list(gains.values()))
    return "  ".join([*(f"{name} {gain:.4f}" for name, gain in gains.items()), f"mean {mean:.4f}"])


if __name__ == "__main__":
    main()
