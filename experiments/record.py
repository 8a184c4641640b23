"""The committed tables, a row an arm and seed and a row a difference, and both as Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.files import write_text

Rows = list[dict[str, str]]
SHOWN = ("nss", "cc", "sauc", "kl")  # the rest stands in the tables


def rows_of(path: Path, finding: str) -> Rows:
    """A finding's rows; none where there is no file."""
    return [row for row in _read(path) if row["finding"] == finding]


def put(rows: Sequence[Mapping[str, Any]], finding: str, path: Path) -> None:
    """Set the rows of one finding; those of the others stay."""
    held = [row for row in _read(path) if row["finding"] != finding]
    new = [
        {"finding": finding, **{key: _text(value) for key, value in row.items()}} for row in rows
    ]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(new[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted([*held, *new], key=lambda row: row["finding"]))
    write_text(path, text.getvalue())


def markdown(scores: Rows, differences: Rows) -> str:
    """Means over seeds with their standard deviation, and below them the paired differences."""
    lines = [f"| arm | {' | '.join(SHOWN)} |", f"|---{'|---:' * len(SHOWN)}|"]
    for arm in dict.fromkeys(row["arm"] for row in scores):
        values = [[float(row[key]) for row in scores if row["arm"] == arm] for key in SHOWN]
        cells = [f"{np.mean(v):.3f}" + _spread(v) for v in values]
        lines.append(f"| {arm} | {' | '.join(cells)} |")
    lines += ["", f"| difference | {' | '.join(SHOWN)} |", f"|---{'|---:' * len(SHOWN)}|"]
    of = {(row["a"], row["b"], row["metric"]): row for row in differences}
    for a, b in dict.fromkeys((row["a"], row["b"]) for row in differences):
        cells = [_difference(of[a, b, key]) for key in SHOWN]
        lines.append(f"| {b} − {a} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _read(path: Path) -> Rows:
    if not path.is_file():
        return []
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def _spread(values: list[float]) -> str:
    return f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else ""


def _difference(row: dict[str, str]) -> str:
    value, low, high, p = (float(row[key]) for key in ("difference", "low", "high", "p_holm"))
    shown = "p < 0.001" if p < 0.001 else f"p {p:.3f}"
    return f"{value:+.3f} [{low:+.3f}, {high:+.3f}] {shown}"


def _text(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)
