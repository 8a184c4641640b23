"""Files of a BIDS tree: tables without headers, and the JSON files that tell of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.gzipped import unpacked_text
from benchmark_kit.containers.text import read_json
from benchmark_kit.errors import InputError
from benchmark_kit.trackers.export import MISSING

LEVELS = 3  # folders above a file in which metadata are looked for: type, session, subject
ROOT = "dataset_description.json"  # no metadata stand above it


def unit_of(meta: Mapping[str, Any], name: str) -> str:
    """What the metadata say of a column's unit; empty where they do not."""
    column = meta.get(name)
    return str(column.get("Units", "")) if isinstance(column, dict) else ""


def number_of(path: Path, row: Mapping[str, str], name: str, *, lost: float | None = None) -> float:
    """A cell as a number; `lost`, where that is given, if it is missing."""
    text = row.get(name, "").strip()
    if lost is not None and text.casefold() in MISSING:
        return lost
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{path}: {name} is {text[:40]!r}, a number is expected") from None


def table_rows(path: Path, meta: Mapping[str, Any]) -> list[dict[str, str]]:
    """The rows of a file without a header."""
    names = meta.get("Columns")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(f"{path}: no JSON file tells its Columns. Fix: give it beside or above")
    rows = []
    reader = csv.reader(io.StringIO(unpacked_text(path)), delimiter="\t")
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(names):
            raise InputError(
                f"{path}, line {reader.line_num}: {len(cells)} cells, its JSON file names "
                f"{len(names)} columns"
            )
        rows.append(dict(zip(names, cells, strict=True)))
    return rows


def metadata_of(path: Path, suffix: str) -> dict[str, Any]:
    """What JSON files say of a file: those above it whose entities it has, nearer ones last."""
    entities = set(path.name.partition(".")[0].split("_")[:-1])
    found: dict[str, Any] = {}
    folders = []
    for folder in [path.parent, *path.parent.resolve().parents[:LEVELS]]:
        folders.append(folder)
        if (folder / ROOT).is_file():
            break
    for folder in reversed(folders):
        good = [
            (len(parts), each)
            for each in folder.glob(f"*{suffix}.json")
            if (parts := each.stem.split("_"))[-1] == suffix and set(parts[:-1]) <= entities
        ]
        for _, each in sorted(good):
            try:
                content = read_json(each)
            except DamagedFile as error:
                raise InputError(f"{each}: {error.reason}") from None
            if isinstance(content, dict):
                found |= content
    return found
