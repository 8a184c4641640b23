"""What several runs together say of the training pictures: their mean density, mirrored ones too.

python weights/teach.py efficientnet_lite0=runs/lite0.npz efficientnet_lite2=runs/lite2.npz
    --set osie=osie/ … --out runs/teacher.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from pictures import read_parts
from priors import Priors
from runs import Run, regridded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", metavar="ENCODER=FILE")
    parser.add_argument("--set", action="append", required=True, metavar="NAME=FOLDER")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    total = {one.key: np.zeros(one.grid) for one in read_parts(given.set)[0]}
    for run in map(Run, given.runs):
        train, _ = read_parts(given.set, run.frame)
        priors = Priors(train)
        for one in train:
            density = run.density(one, priors(one.dataset, one.grid), one.dataset)
            total[one.key] += regridded(density, total[one.key].shape)
    logs = {key: np.log(sum_ / len(given.runs)).astype(np.float16) for key, sum_ in total.items()}
    np.savez(given.out, **logs)


if __name__ == "__main__":
    main()
