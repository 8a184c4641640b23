"""Score a folder of maps on a data set of your own: a table, a results file, rows as CSV.

    python examples/score_a_folder.py [--out DIR]

Generates a small `folder` data set and maps, so that it runs anywhere; replace the first lines of
`main` by your own paths.
"""

import argparse
import csv
import tempfile
from pathlib import Path

import numpy as np

import benchmark_kit
from benchmark_kit.imaging.images import quantise, write_png

SIZE = (120, 160)  # height, width


def generate(root: Path) -> tuple[Path, Path]:
    """Twelve noise pictures with a bright spot, fixations near it, and maps that find it."""
    stimuli, maps = root / "data" / "stimuli", root / "maps"
    stimuli.mkdir(parents=True)
    maps.mkdir()
    y, x = np.indices(SIZE)
    rows = []
    for k in range(12):
        rng = np.random.default_rng(k)
        centre = rng.uniform(0.25, 0.75, 2) * (SIZE[1], SIZE[0])
        spot = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * 15**2))
        picture = np.clip(90 + 25 * rng.standard_normal(SIZE) + 120 * spot, 0, 255)
        write_png(stimuli / f"{k:02d}.png", picture.astype(np.uint8))
        write_png(maps / f"{k:02d}.png", quantise(spot + 0.1 * rng.random(SIZE)))
        for observer in range(5):
            points = rng.normal(centre, 14, (6, 2)).clip(0, (SIZE[1] - 1, SIZE[0] - 1))
            rows += [(f"{k:02d}.png", px, py, observer) for px, py in points]
    with open(root / "data" / "fixations.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("image", "x", "y", "subject"), *rows])
    return maps, root / "data"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="keep everything in this folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.out or Path(temporary)
        folder.mkdir(exist_ok=True)
        maps, data = generate(folder)
        results = benchmark_kit.evaluate(
            maps,
            "folder",
            root=data,
            dialect="tuebingen,mit",
            metrics="nss,auc,cc,auc_judd@mit",
            yardsticks=True,
            out=folder / "results.json",
            csv=folder / "rows.csv",
        )
        print(results)
        nss = results.metrics["nss"]
        print(f"\nNSS {nss['value']:.3f}, 95 % interval {nss['low']:.3f} to {nss['high']:.3f}")


if __name__ == "__main__":
    main()
