"""Processor time of pysaliency's functions on a generated set; run by `evaluate_speed.py`.

    python benchmarks/peer_pysaliency.py FOLDER IMAGES

Needs pysaliency 0.2.22 and numpy < 2, in an environment of its own. FOLDER holds `maps8/`,
`densities/` and `points.npz` (x, y and the image's number of every fixation). Densities are decoded
before the clock starts; maps are decoded, and each image's negatives chosen, inside it, as the
package's own calls do. Prints milliseconds an image, all of it and with the negatives given.
"""

import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image
from pysaliency.metrics import CC, NSS, SIM, MIT_KLDiv
from pysaliency.roc import general_roc


def read(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path)).astype(float)


def main(folder: Path, images: int) -> None:
    points = np.load(folder / "points.npz")
    x, y, image = points["x"], points["y"], points["n"]
    densities = [read(folder / f"densities/{k:06d}.png") for k in range(images)]
    choosing = 0.0

    def score(k: int) -> None:
        nonlocal choosing
        saliency = read(folder / f"maps8/{k:06d}.png")
        began = time.process_time()
        own = image == k
        others = x[~own], y[~own]
        choosing += time.process_time() - began
        positives = saliency[y[own], x[own]]
        general_roc(positives, saliency.flatten())
        general_roc(positives, saliency[others[1], others[0]])
        NSS(saliency, x[own], y[own]).mean()
        CC(saliency, densities[k])
        SIM(saliency, densities[k])
        MIT_KLDiv(saliency, densities[k])

    score(0)  # compiles
    choosing = 0.0
    began = time.process_time()
    for k in range(images):
        score(k)
    whole = time.process_time() - began
    print(1e3 * whole / images, 1e3 * (whole - choosing) / images)


if __name__ == "__main__":
    np.seterr(divide="ignore")
    main(Path(sys.argv[1]), int(sys.argv[2]))
