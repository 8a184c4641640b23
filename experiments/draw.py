"""The paired differences of all findings as a picture, docs/findings.png."""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib
from findings import NAMES
from record import Rows, rows_of

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

METRIC = "nss"
SURE, UNSURE = "tab:blue", "0.6"
LEVEL = 0.05


def draw(differences: dict[str, Rows], path: Path) -> None:
    """A panel a finding, a line a pair: mean difference, 95 % interval, each seed as a tick.

    Args:
        differences: rows by finding; panels have their own scale.
        path: of the PNG.
    """
    heights = [len(rows) + 0.6 for rows in differences.values()]
    figure, panels = plt.subplots(
        len(differences),
        1,
        figsize=(8, 0.36 * sum(heights) + 0.5 * len(heights)),
        height_ratios=heights,
        squeeze=False,
        layout="constrained",
    )
    for axes, (name, rows) in zip(panels[:, 0], differences.items(), strict=True):
        _panel(axes, name, rows)
    panels[-1, 0].set_xlabel(
        "difference in NSS, 95 % interval over pictures, ticks: single seeds\n"
        "blue: p is at most 0.05 after Holm's correction; each panel has its own scale",
        fontsize=9,
    )
    figure.savefig(path, dpi=110)


def _panel(axes: Axes, name: str, rows: Rows) -> None:
    for place, row in enumerate(rows):
        value, low, high = (float(row[key]) for key in ("difference", "low", "high"))
        colour = SURE if float(row["p_holm"]) <= LEVEL else UNSURE
        axes.plot([low, high], [place, place], color=colour, linewidth=3, alpha=0.5)
        axes.plot(value, place, "o", color=colour)
        seeds = [float(text) for text in row["by_seed"].split()]
        axes.plot(seeds, [place] * len(seeds), "|", color="black", markersize=9)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(rows)), [f"{row['b']} − {row['a']}" for row in rows], fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="x", labelsize=8)
    axes.set_title(name, fontsize=9, loc="left")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture", type=Path)
    given = parser.parse_args()
    table = Path(__file__).with_name("differences.csv")
    found = {name: rows_of(table, name) for name in NAMES}
    shown = {
        name: [row for row in rows if row["metric"] == METRIC]
        for name, rows in found.items()
        if rows
    }
    draw(shown, given.picture)


if __name__ == "__main__":
    main()
