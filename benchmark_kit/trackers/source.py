"""What was read of the files that an import is given, whatever their kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark_kit.trackers.export import Export
from benchmark_kit.trackers.presets import ROLES, Preset


@dataclass(frozen=True)
class Source:
    """Tables, and how they are read.

    Args:
        exports: the tables.
        preset: which of their columns hold what.
        others: titles of formats that fit the columns too, but less.
        screen: (width, height) in pixels as the files tell it, or None.
        left_out: rows that are left out already, by reason.
        notes: what a user should know of how they were read.
    """

    exports: Sequence[Export]
    preset: Preset
    others: tuple[str, ...] = ()
    screen: tuple[float, float] | None = None
    left_out: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()


def plain_preset(name: str, title: str, unit: str, units: str = "pixels") -> Preset:
    """The preset of tables whose columns are named by their roles.

    Args:
        name: of the format.
        title: whose files these are.
        unit: of times and durations.
        units: of x and y.
    """
    return Preset(name, title, {role: (role,) for role in ROLES}, units, unit)


def plain_export(path: Path, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Export:
    """A table whose columns are roles.

    Args:
        path: the file that it comes from.
        rows: (number in the file, role -> text or number); all have the same roles, and None is a
            missing value.
    """
    found = [
        (number, {role: "" if value is None else str(value) for role, value in row.items()})
        for number, row in rows
    ]
    return Export(path, tuple(found[0][1]) if found else ("image", "x", "y"), found, ".")
