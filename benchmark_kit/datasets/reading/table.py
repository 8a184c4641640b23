"""A table of fixations as CSV or JSON: columns by name, every defect with its line.

    image,x,y[,subject][,order][,duration]

`image` is the path below `stimuli/` with extension, `x`, `y` are pixels, `order` counts from 0
within an observer's scanpath, `duration` is in seconds. Other columns are ignored. The JSON form is
a list of objects with the same keys.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from benchmark_kit.containers import text
from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.datasets.reading.reader import Defects, shown

REQUIRED = ("image", "x", "y")
OPTIONAL = ("subject", "order", "duration")


@dataclass
class Rows:
    """Rows of one image; a column the table does not have is empty."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    subject: list[str] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    duration: list[float] = field(default_factory=list)


@dataclass
class Table:
    """A table by image, in the file's order, and the optional columns it has."""

    images: dict[str, Rows]
    columns: frozenset[str]


def _count(value: Any) -> int:
    number = float(value)
    if isinstance(value, bool) or not number.is_integer() or not 0 <= number < 2**31:
        raise ValueError
    return int(number)


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _seconds(value: Any) -> float:
    number = _number(value)
    if number < 0:
        raise ValueError
    return number


def _name(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or str(value).strip() == "":
        raise ValueError
    return str(value).strip()


CELLS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "x": ("a number", _number),
    "y": ("a number", _number),
    "subject": ("a name or number", _name),
    "order": ("a whole number from 0", _count),
    "duration": ("seconds, 0 or more", _seconds),
}


def read_csv(path: Path, defects: Defects) -> Table:
    """The table of a CSV file in UTF-8; all its defects are noted with their line numbers."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            if not _good_header(path.name, header, defects):
                return Table({}, frozenset())
            return _collect(_csv_records(reader, header, defects), header, defects)
    except UnicodeDecodeError:
        fix = "save it as CSV, UTF-8; or salbench import, if an eye tracker's program wrote it"
        defects.add("E704", path.name, "not a text file in UTF-8", fix=fix)
    except csv.Error as error:
        defects.add("E704", f"line {reader.line_num}", f"not readable as CSV: {error}")
    return Table({}, frozenset())


def read_json(path: Path, defects: Defects) -> Table:
    """The table of a JSON list of objects; all its defects are noted with their places from 0."""
    try:
        content = text.read_json(path)
    except DamagedFile as error:
        defects.add("E704", path.name, error.reason)
        return Table({}, frozenset())
    if not isinstance(content, list) or not content or not isinstance(content[0], dict):
        defects.add("E704", path.name, "no list of objects", "[{image, x, y, ...}, ...]")
        return Table({}, frozenset())
    header = list(content[0])
    if not _good_header(path.name, header, defects):
        return Table({}, frozenset())
    return _collect(_json_records(content, header, defects), header, defects)


def _good_header(name: str, header: list[str], defects: Defects) -> bool:
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        separated = len(header) == 1 and any(mark in header[0] for mark in ";\t")
        fix = "salbench import, if an eye tracker's program wrote it"
        if separated:
            fix = f"separate the columns by commas; or {fix}"
        found = f"columns {', '.join(header) or 'none'}"
        defects.add("E704", name, found, f"a header with {', '.join(missing)}", fix)
    repeated = sorted({column for column in header if header.count(column) > 1})
    if repeated:
        defects.add("E704", name, f"two columns named {repeated[0]!r}")
    return not missing and not repeated


def _csv_records(
    reader: Any, header: list[str], defects: Defects
) -> Iterator[tuple[str, dict[str, Any]]]:
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        where = f"line {reader.line_num}"
        if len(cells) != len(header):
            defects.add("E704", where, "another number of cells than the header has")
            continue
        yield where, dict(zip(header, cells, strict=True))


def _json_records(
    content: list[Any], header: list[str], defects: Defects
) -> Iterator[tuple[str, dict[str, Any]]]:
    wanted = [column for column in (*REQUIRED, *OPTIONAL) if column in header]
    for place, entry in enumerate(content):
        if isinstance(entry, dict) and all(column in entry for column in wanted):
            yield f"entry {place}", entry
        else:
            defects.add("E704", f"entry {place}", "keys of the first entry missing")


def _collect(
    records: Iterator[tuple[str, dict[str, Any]]], header: list[str], defects: Defects
) -> Table:
    columns = [name for name in CELLS if name in header]
    images: dict[str, Rows] = {}
    for where, record in records:
        image = record["image"]
        if not isinstance(image, str) or not image.strip():
            defects.add("E704", where, "no image name")
            continue
        values = {}
        for name in columns:
            expected, cast = CELLS[name]
            try:
                values[name] = cast(record[name])
            except (ValueError, TypeError, OverflowError):
                defects.add("E704", f"{where} ({shown(record[name])})", f"{name} is not {expected}")
        if len(values) == len(columns):
            rows = images.setdefault(PurePosixPath(image.strip()).as_posix(), Rows())
            for name, value in values.items():
                getattr(rows, name).append(value)
    return Table(images, frozenset(columns) - set(REQUIRED))
