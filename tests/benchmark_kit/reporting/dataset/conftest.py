"""Pictures with detail in some places, and people who look there."""

import csv

import numpy as np
import pytest

from benchmark_kit.imaging.images import write_png

SIZE = (90, 120)  # height, width
IMAGES, SUBJECTS, EACH = 44, 5, 8


class People:
    """A healthy data set, and its rows to spoil.

    Args:
        root: where its folder goes.
        seed: of everything random.
    """

    def __init__(self, root, seed=0):
        self.root = root
        rng = np.random.default_rng(seed)
        height, width = SIZE
        self.rows = []
        for k in range(IMAGES):
            picture = np.full((height, width), 110.0) + rng.normal(0, 2, SIZE)
            places = rng.uniform((0.12, 0.12), (0.88, 0.88), (3, 2)) * (width, height)
            for x, y in places.astype(int):
                patch = picture[max(0, y - 9) : y + 9, max(0, x - 9) : x + 9]
                patch += rng.normal(0, 60, patch.shape)
            name = f"{k:02d}.png"
            path = root / "stimuli" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = picture.clip(0, 255).astype(np.uint8)
            write_png(path, np.repeat(pixels[..., None], 3, axis=2))
            for subject in "abcde"[:SUBJECTS]:
                for order in range(EACH):
                    x, y = rng.normal(places[rng.integers(3)], 6)
                    if order % 4 == 3:
                        x, y = rng.uniform((0, 0), (width, height))
                    x, y = np.clip((x, y), 0.1, (width - 0.2, height - 0.2)).round(2)
                    edge = min(x, y, width - x, height - y)
                    if edge < 1:  # nobody looks at the outermost pixels that often
                        x, y = rng.uniform((5, 5), (width - 5, height - 5)).round(2)
                    seconds = round(float(rng.gamma(4, 0.06)), 4)
                    self.rows.append([name, float(x), float(y), subject, order, seconds])

    def column(self, k):
        return np.array([row[k] for row in self.rows])

    def write(self, rows=None, toml=""):
        with open(self.root / "fixations.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["image", "x", "y", "subject", "order", "duration"])
            writer.writerows(self.rows if rows is None else rows)
        (self.root / "dataset.toml").write_text(toml, encoding="utf-8")
        return self.root

    def truths(self, rows=None, toml=""):
        from benchmark_kit.datasets import get_dataset

        return get_dataset("folder", self.write(rows, toml), cache=False, max_outside=1.0)


@pytest.fixture(scope="session")
def people(tmp_path_factory):
    return People(tmp_path_factory.mktemp("people") / "mine")
