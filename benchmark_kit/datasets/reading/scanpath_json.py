"""Scanpaths as a JSON list of objects: `name`, `subject`, `X`, `Y` (pixels), `T` (durations, ms).

COCO-Freeview and COCO-Search18 come so; entries of a search have `task` and `condition` besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import read_json
from benchmark_kit.datasets.reading.reader import Defects

COLUMNS = {"name": str, "subject": int, "X": list, "Y": list, "T": list}


def read_scanpaths(
    path: Path, defects: Defects, more: Mapping[str, type] | None = None
) -> list[tuple[str, dict[str, Any]]]:
    """The entries that have the documented form, each with its place for messages.

    Args:
        path: the file.
        defects: gets everything that is wrong.
        more: further keys that an entry must have, and their types.
    """
    try:
        content = read_json(path)
    except DamagedFile as error:
        defects.add("E702", path.name, error.reason)
        return []
    if not isinstance(content, list):
        defects.add("E702", path.name, "no list", "a JSON list of scanpaths")
        return []
    good = []
    wanted = {**COLUMNS, **(more or {})}
    for place, entry in enumerate(content):
        where = f"{path.name}, entry {place}"
        if not isinstance(entry, dict):
            defects.add("E702", where, "no object")
        elif wrong := [key for key, kind in wanted.items() if not isinstance(entry.get(key), kind)]:
            defects.add("E702", where, f"{wrong[0]!r} is missing or of another type")
        elif any(
            length != len(entry["X"])
            for length in (len(entry["Y"]), len(entry["T"]), entry.get("length", len(entry["X"])))
        ):
            defects.add("E703", where, "X, Y, T and length do not agree")
        else:
            good.append((where, entry))
    return good


def is_search(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is of a search for a target, not of free viewing."""
    return entry.get("condition") in ("present", "absent") or "bbox" in entry
