"""Published scores as records: `published/*.csv`, one line a printed cell.

`tables.csv` lists the printed tables and `flags.csv` says what a flag means and whether a score
that carries it may serve as a reference.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

LISTS = ("tables.csv", "flags.csv")


@dataclass(frozen=True)
class Score:
    """One printed cell.

    Args:
        table: id of the printed table.
        document: id of the document.
        dataset: as printed, for instance `"MIT300"`.
        edition: edition of the data or of the board.
        split: part of the data set; `"val/Action"` for a category.
        dialect: the kit's dialect that the numbers most probably belong to, or `"unknown"`.
        model: the model's name as printed.
        cite: the document's own reference number, or empty.
        metric: name of the metric; `"auc_unspecified"` where the kind of AUC is not named.
        metric_as_printed: the column's head.
        value: digits as printed, empty where there is no number.
        as_printed: the cell with its brackets.
        flags: what is to be known of the cell (`flags.csv`).
        note: a remark on the cell.
    """

    table: str
    document: str
    dataset: str
    edition: str
    split: str
    dialect: str
    model: str
    cite: str
    metric: str
    metric_as_printed: str
    value: str
    as_printed: str
    flags: tuple[str, ...]
    note: str

    def plain(self) -> dict[str, Any]:
        """The record as plain data."""
        return {
            **{field.name: getattr(self, field.name) for field in fields(self)},
            "flags": list(self.flags),
        }


@dataclass(frozen=True)
class Flag:
    """What a flag says.

    Args:
        meaning: in words.
        reference: whether a score with it may serve as a reference.
    """

    meaning: str
    reference: bool


@cache
def all_scores() -> tuple[Score, ...]:
    """Every published score, in the order of files and lines."""
    folder = files("benchmark_kit.leaderboards") / "published"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".csv"))
    return tuple(
        Score(**{**line, "flags": tuple(filter(None, line["flags"].split(";")))})
        for name in names
        if name not in LISTS
        for line in _lines(name)
    )


@cache
def all_flags() -> dict[str, Flag]:
    """Flag -> its meaning."""
    return {
        line["flag"]: Flag(line["meaning"], line["reference"] == "yes")
        for line in _lines("flags.csv")
    }


@cache
def about_tables() -> dict[str, str]:
    """Id of a printed table -> what it shows, in words."""
    return {line["table"]: line["about"] for line in _lines("tables.csv")}


def _lines(name: str) -> list[dict[str, Any]]:
    path = files("benchmark_kit.leaderboards") / "published" / name
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
