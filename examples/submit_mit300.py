"""From maps to the file that MIT300 takes: check, package, read back.

    python examples/submit_mit300.py [--out DIR]

Generates small stand-ins of the 300 images, so that it runs anywhere, and packages the same centre
bias for every image: a baseline that boards list, too. With the real images give their folder as
`stimuli` and your maps as `maps`.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmark_kit.imaging.images import write_npy
from benchmark_kit.packaging.package import package
from benchmark_kit.packaging.validate import validate

SIZES = ((48, 64), (64, 48), (48, 48))  # height, width; the real ones have about 1024 pixels a side


def generate(root: Path) -> tuple[Path, Path]:
    """300 pictures of noise named as MIT300's, and a centred Gaussian for each."""
    stimuli, maps = root / "stimuli", root / "maps"
    stimuli.mkdir()
    maps.mkdir()
    for k in range(1, 301):
        height, width = SIZES[k % len(SIZES)]
        noise = np.random.default_rng(k).integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(noise).save(stimuli / f"i{k}.jpg")
        y, x = (((np.arange(n) + 0.5) / n - 0.5) / 0.25 for n in (height, width))
        write_npy(maps / f"i{k}.npy", np.exp(-0.5 * (y[:, None] ** 2 + x**2)))
    return maps, stimuli


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="keep everything in this folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.out or Path(temporary)
        folder.mkdir(exist_ok=True)
        maps, stimuli = generate(folder)

        report = validate(maps, "mit300", stimuli)
        print(report.text(), end="\n\n")

        # as maps: 16-bit PNG, which loses nothing
        print(package(maps, "mit300", stimuli, folder / "centre.zip", depth=16), end="\n\n")

        # as densities, the only way to IG: the maps are densities up to a factor
        made = package(
            maps,
            "mit300",
            stimuli,
            folder / "centre.hdf5",
            kind="densities",
            to_density="sum",
        )
        print(made)


if __name__ == "__main__":
    main()
