"""Compare two folders of maps image by image, and write a report that shows where each one wins.

    python examples/compare_two_models.py [--out DIR]

Generates a small data set and two models' maps, so that it runs anywhere; replace the first lines
of `main` by your own paths. Afterwards `salbench compare` and `salbench report` do the same with
the results files.
"""

import argparse
import csv
import tempfile
from pathlib import Path

import numpy as np

import benchmark_kit
from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import MissingExtra
from benchmark_kit.imaging.density import blur
from benchmark_kit.imaging.images import quantise, write_png
from benchmark_kit.reporting.page import report
from benchmark_kit.results.comparison import compare

SIZE = (120, 160)  # height, width


def generate(root: Path) -> None:
    """Noise pictures with a bright and a dark spot; people look at both, the shares differ."""
    for folder in ("data/stimuli", "bright", "contrast"):
        (root / folder).mkdir(parents=True)
    y, x = np.indices(SIZE)
    rows = []
    for k in range(24):
        rng = np.random.default_rng(k)
        spots = rng.uniform(0.2, 0.8, (2, 2)) * (SIZE[1], SIZE[0])
        bumps = [np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * 10**2)) for px, py in spots]
        picture = 128 + 20 * rng.standard_normal(SIZE) + 100 * (bumps[0] - bumps[1])
        picture = np.clip(picture, 0, 255)
        smooth = blur(picture, 6.0)
        dark = rng.uniform(0, 0.5)
        name = f"{k:02d}.png"
        write_png(root / "data" / "stimuli" / name, picture.astype(np.uint8))
        write_png(root / "bright" / name, quantise(np.maximum(smooth, np.median(smooth))))
        write_png(root / "contrast" / name, quantise(np.abs(smooth - np.median(smooth))))
        for observer in range(6):
            for order in range(6):
                px, py = rng.normal(spots[int(rng.random() < dark)], 8).clip(
                    0, (SIZE[1] - 1, SIZE[0] - 1)
                )
                rows.append((name, px, py, observer, order))
    with open(root / "data" / "fixations.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("image", "x", "y", "subject", "order"), *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="keep everything in this folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.out or Path(temporary)
        folder.mkdir(exist_ok=True)
        generate(folder)
        truths = get_dataset("folder", folder / "data")
        models = ("bright", "contrast")
        results = [
            benchmark_kit.evaluate(
                folder / model,
                truths,
                metrics="nss,auc,kl,ig",
                yardsticks=True,
                out=folder / f"{model}.json",
            )
            for model in models
        ]
        comparison = compare(*results)
        print(comparison)
        for key in ("nss", "auc"):
            pair = comparison.pair(key)
            print(
                f"{key}: contrast - bright = {pair['difference']:+.3f} "
                f"({pair['low']:+.3f} to {pair['high']:+.3f}), better: {pair['better']}"
            )
        try:
            report(
                results[0],
                compare=results[1:],
                out=folder / "report.html",
                truths=truths,
                maps=[folder / model for model in models],
            )
        except MissingExtra as error:
            raise SystemExit(str(error)) from None
        print(f"report: {(folder / 'report.html').stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
