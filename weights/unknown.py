"""What each set brings, and what suits unknown pictures: the tables of leave_out.py's heads.

    python weights/unknown.py --set osie=osie/ … --heads heads/

Information gain in bits over the leave-one-out centre bias of the scored pictures, on the grid of
stride 8. leave_out.csv gets a line a head: each set's validation pictures under its own calibration
and centre bias where the head learned it, and under the means of those that it knows (`_unknown`);
then the pictures of the set left out that did not serve to adapt, before and after fitting
calibration and centre bias to 50 of them. unknown.csv gets a line for each gain and centre bias
that might serve unknown pictures, scored on all pictures of the set that a head never saw, means
over seeds. Both are printed as Markdown.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from leave_out import fixations_a_cell
from pictures import Picture, centre_bias, open_set, read_parts
from priors import Priors
from runs import BASELINE, bits_over

from benchmark_kit.types import Truths
from keras_saliency.lite.adapt import Observed, adapt
from keras_saliency.lite.calibration import Calibration, fine, mean_calibration
from keras_saliency.lite.layout import DATASETS
from keras_saliency.lite.weights import PRIOR_GRID

GAINS = (0.8, 0.85, 0.9, 0.95, 1.0, 1.05)
FLATTENED = (0.0, 0.05, 0.1, 0.2, 1.0)  # uniform share of the mean centre bias
ADAPTED_TO = 50  # pictures
RUNS, SETTINGS = (Path(__file__).with_name(f"{name}.csv") for name in ("leave_out", "unknown"))


@dataclass(frozen=True)
class Head:
    """What a head has learned, and says of the pictures that it is judged by.

    Args:
        file: of leave_out.py.
        train: training pictures of all sets.
    """

    file: Path
    train: list[Picture]

    @cached_property
    def seed(self) -> int:
        """Of everything random."""
        return int(self.file.stem.split("-")[1])

    @cached_property
    def left_out(self) -> int | None:
        """Place of the set that it never saw."""
        name = self.file.stem.split("-")[0]
        return DATASETS.index(name) if name in DATASETS else None

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """Scores by the pictures' keys, and calibrations."""
        with np.load(self.file) as held:
            return dict(held)

    @cached_property
    def calibrations(self) -> dict[int, Calibration]:
        """Of the sets that it learned; -1: what unknown pictures get."""
        found = {
            k: Calibration(*map(float, row))
            for k, row in enumerate(self.arrays["calibrations"])
            if k != self.left_out
        }
        return found | {-1: mean_calibration(found.values())}

    @cached_property
    def priors(self) -> Priors:
        """Centre biases of these sets; -1: their mean."""
        return Priors([one for one in self.train if one.dataset != self.left_out])

    def gain(
        self,
        pictures: Iterable[Picture],
        calibration: Calibration,
        prior: Callable[[tuple[int, int]], np.ndarray],
    ) -> np.ndarray:
        """Bits above the leave-one-out centre bias, of each picture in the order of their grids.

        Args:
            pictures: of one set.
            calibration: from scores to a density.
            prior: log density of a grid.
        """
        pictures = list(pictures)
        above = baseline_bits(pictures)
        found = []
        for grid in sorted({one.grid for one in pictures}):
            places = [k for k, one in enumerate(pictures) if one.grid == grid]
            planes = np.stack([fine(self.arrays[pictures[k].key]) for k in places])
            counts = np.stack([fixations_a_cell(pictures[k]) for k in places])
            observed = Observed(planes, counts / counts.sum(axis=(1, 2), keepdims=True))
            found.append(observed.bits(calibration, prior(grid)) - above[places])
        return np.concatenate(found)

    def known_gain(self, pictures: Iterable[Picture], dataset: int) -> float:
        """Mean bits under a known set's calibration and centre bias, or under the means (-1)."""
        found = self.gain(pictures, self.calibrations[dataset], lambda g: self.priors(dataset, g))
        return float(found.mean())


BASELINES: dict[tuple[str, ...], np.ndarray] = {}


def baseline_bits(pictures: list[Picture]) -> np.ndarray:
    """Bits of the leave-one-out centre bias above the uniform density, of each picture."""
    key = tuple(one.key for one in pictures)
    if key not in BASELINES:
        bias = centre_bias(pictures, *BASELINE)
        BASELINES[key] = np.array(
            [
                bits_over(bias.log_density(one.grid, without=k), -np.log(np.prod(one.grid)), one)
                for k, one in enumerate(pictures)
            ]
        )
    return BASELINES[key]


def score_settings(head: Head, unseen: list[Picture]) -> dict[tuple[float, float], float]:
    """(uniform share, gain) -> mean bits of pictures of the set that a head never saw."""
    mean = head.calibrations[-1]

    def flattened(share: float) -> Callable[[tuple[int, int]], np.ndarray]:
        return lambda grid: np.log(
            (1 - share) * np.exp(head.priors(-1, grid)) + share / np.prod(grid)
        )

    return {
        (share, gain): float(
            head.gain(unseen, replace(mean, gain=gain * mean.gain), flattened(share)).mean()
        )
        for share in FLATTENED
        for gain in GAINS
    }


def score_adapted(head: Head, unseen: list[Picture], truths: Truths) -> tuple[float, float]:
    """Mean bits of pictures of an unseen set, before and after adapting to 50 others of it."""
    order = np.random.default_rng(head.seed).permutation(len(unseen))
    some = {unseen[k].name for k in order[:ADAPTED_TO]}
    others = [one for one in unseen if one.name not in some]
    name = DATASETS[unseen[0].dataset]
    found = adapt(
        list(truths.subset(sorted(some))),
        lambda truth: head.arrays[f"{name}/{truth.name}"],
        head.calibrations[-1],
        head.priors(-1, PRIOR_GRID),
    )
    after = head.gain(others, found.calibration, lambda _: found.prior)
    return head.known_gain(others, -1), float(after.mean())


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    """Write a CSV file, and print it as a table of Markdown."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"\n| {' | '.join(rows[0])} |\n|{'---|' * len(rows[0])}")
    for row in rows:
        print(f"| {' | '.join(row.values())} |")


def print_means(runs: list[dict[str, str]]) -> None:
    """Means over seeds as Markdown, with half of what lies between the least and the greatest."""

    def mean(rows: list[dict[str, str]], column: str) -> str:
        values = [float(row[column]) for row in rows if row[column]]
        return f"{np.mean(values):.3f} ± {np.ptp(values) / 2:.3f}" if values else "-"

    columns = [*DATASETS, *(f"{name}_unknown" for name in DATASETS), "before", "adapted"]
    print(f"| without | seeds | {' | '.join(columns)} |\n|{'---|' * (2 + len(columns))}")
    for without in dict.fromkeys(row["without"] for row in runs):
        rows = [row for row in runs if row["without"] == without]
        cells = [without, str(len(rows)), *(mean(rows, column) for column in columns)]
        print(f"| {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", action="append", required=True, metavar="NAME=FOLDER")
    parser.add_argument("--heads", type=Path, required=True, help="folder of leave_out.py")
    given = parser.parse_args()
    train, check = read_parts(given.set)
    truths = dict(open_set(text) for text in given.set)
    files = sorted(file for file in given.heads.glob("*.npz") if file.stem.count(".") == 0)
    runs = []
    settings: dict[tuple[float, float], dict[int, list[float]]] = {}
    for head in (Head(file, train) for file in files):
        row = {"without": DATASETS[head.left_out] if head.left_out is not None else "nothing"}
        row["seed"] = str(head.seed)
        parts = [[one for one in check if one.dataset == k] for k in range(len(DATASETS))]
        for k, name in enumerate(DATASETS):
            own = "" if k == head.left_out else f"{head.known_gain(parts[k], k):.3f}"
            row[name] = own
        for k, name in enumerate(DATASETS):
            row[f"{name}_unknown"] = f"{head.known_gain(parts[k], -1):.3f}"
        row |= {"before": "", "adapted": ""}
        if head.left_out is not None:
            unseen = [one for one in train + check if one.dataset == head.left_out]
            before, after = score_adapted(head, unseen, truths[head.left_out])
            row |= {"before": f"{before:.3f}", "adapted": f"{after:.3f}"}
            for key, bits in score_settings(head, unseen).items():
                settings.setdefault(key, {}).setdefault(head.left_out, []).append(bits)
        runs.append(row)
    write_rows(RUNS, runs)
    print_means(runs)
    rows = []
    for (share, gain), of in settings.items():
        means = {DATASETS[k]: float(np.mean(bits)) for k, bits in sorted(of.items())}
        means["mean"] = float(np.mean(list(means.values())))
        row = {"uniform share": f"{share:g}", "gain": f"{gain:g}"}
        rows.append(row | {name: f"{bits:.3f}" for name, bits in means.items()})
    write_rows(SETTINGS, rows)


if __name__ == "__main__":
    main()
