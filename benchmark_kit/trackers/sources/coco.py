"""Scanpaths as JSON, as COCO-Search18 and COCO-Freeview have them.

A picture may be searched for several targets: its name is looked for in the folder of the task
first, and every task is a viewing of its own. The first fixation is the forced one at the centre.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmark_kit.datasets.reading.reader import Defects
from benchmark_kit.datasets.reading.scanpath_json import is_search, read_scanpaths
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.trackers.source import Source, plain_export, plain_preset

NAME, TITLE = "scanpath-json", "scanpaths as JSON (COCO-Search18, COCO-Freeview)"


def looks_like(path: Path) -> bool:
    """Whether a file may be one: no other JSON file is imported."""
    return path.suffix.lower() == ".json"


def read(paths: Sequence[Path], columns: Mapping[str, str], *, samples: bool = False) -> Source:
    """Fixations of one or several files.

    Args:
        paths: the files.
        columns: must be empty: the files have none.
        samples: must be False: the files hold fixations.

    Raises:
        ConfigError: columns or samples are asked for.
        InputError: entries that are no scanpaths; all of them are listed.
    """
    if columns or samples:
        raise ConfigError(f"{TITLE} have no columns and no samples. Fix: leave --map and --detect")
    defects, exports, searched = Defects(), [], 0
    for path in paths:
        entries = read_scanpaths(path, defects)
        searched += sum(is_search(entry) for _, entry in entries)
        exports.append(plain_export(path, list(_rows(entries))))
    defects.raise_if_any(", ".join(path.name for path in paths))
    if not any(export.rows for export in exports):
        raise InputError(f"{paths[0]} holds no fixation. Fix: the file of the scanpaths")
    notes = ["first fixations were forced to the centre. Fix, to leave them out: --drop-first"]
    if searched:
        notes.append(f"{searched} scanpaths are of a search for a target, not of free viewing")
    return Source(exports, plain_preset(NAME, TITLE, "ms"), notes=tuple(notes))


def _rows(entries: Sequence[tuple[str, dict[str, Any]]]) -> Iterator[tuple[int, dict[str, Any]]]:
    for place, (_, entry) in enumerate(entries):
        task = entry.get("task")
        name = f"{task}/{entry['name']}" if isinstance(task, str) else entry["name"]
        for k, (x, y, duration) in enumerate(zip(entry["X"], entry["Y"], entry["T"], strict=True)):
            yield (
                place,
                {
                    "image": name,
                    "x": x,
                    "y": y,
                    "subject": entry["subject"],
                    "trial": place,
                    "order": k,
                    "duration": duration,
                },
            )
