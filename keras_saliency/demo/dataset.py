"""The demo's displays and simulated observers as a `folder` data set on disk."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from benchmark_kit.imaging.images import write_png
from keras_saliency.demo.displays import Display, draw_display
from keras_saliency.demo.observers import Fixation, simulate

SETTINGS = """\
# Fixations of simulated observers on drawn displays: no person looked at them.
# 0-based pixels of 640 x 480, seconds.
dialect = "tuebingen"
index_base = 0
"""


def write_dataset(root: Path, displays: list[Display], seed: int) -> dict[str, list[Fixation]]:
    """Write `stimuli/`, `fixations.csv` and `dataset.toml`.

    Returns:
        the fixations by display.

    Raises:
        RunFailed: the folder cannot be written.
    """
    fixations = {display.name: simulate(display, seed) for display in displays}
    for display in displays:
        path = root / "stimuli" / f"{display.name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_png(path, draw_display(display))
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["image", "x", "y", "subject", "order", "duration"])
    for row in (row for rows in fixations.values() for row in rows):
        writer.writerow(
            [f"{row.image}.png", row.x, row.y, f"s{row.subject:02d}", row.order, row.duration]
        )
    (root / "fixations.csv").write_text(table.getvalue(), encoding="utf-8")
    (root / "dataset.toml").write_text(SETTINGS, encoding="utf-8")
    return fixations
