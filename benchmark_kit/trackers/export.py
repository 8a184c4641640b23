"""An exported table as people have it: any of the usual separators, encodings and decimal marks."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from benchmark_kit.errors import InputError

SEPARATORS = "\t;,"
MISSING = {"", ".", "na", "n/a", "nan", "null", "-", "none"}
LARGEST = 2**31  # bytes


@dataclass(frozen=True)
class Export:
    """A table.

    Args:
        path: the file.
        header: names of the columns.
        rows: (number of the line, cells by column).
        decimal: the mark in its numbers, `"."` or `","`.
    """

    path: Path
    header: tuple[str, ...]
    rows: list[tuple[int, dict[str, str]]]
    decimal: str

    def number(self, cell: str) -> float | None:
        """A cell as a number; None where it is missing.

        Raises:
            ValueError: something else.
        """
        text = cell.strip()
        if text.casefold() in MISSING:
            return None
        return float(text.replace(",", ".") if self.decimal == "," else text)


def read_export(path: Path) -> Export:
    """Read a delimited text file.

    Raises:
        InputError: no text, no table, or lines of other lengths than the header.
    """
    text = _decoded(path)
    lines = text.splitlines()
    first = next((k for k, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise InputError(f"{path} is empty. Fix: export it again")
    separator = max(SEPARATORS, key=lambda mark: lines[first].count(mark))
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    header: list[str] = []
    rows = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                continue
            if len(cells) != len(header):
                raise InputError(
                    f"{path}, line {reader.line_num}: {len(cells)} cells, the header has "
                    f"{len(header)} (separator {separator!r}). Fix: export it again"
                )
            rows.append((reader.line_num, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        found = f"{path}, line {reader.line_num}: no table ({error})"
        raise InputError(f"{found}. Fix: export it again") from None
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise InputError(f"{path} has two columns {twice[0]!r}. Fix: rename one of them")
    if len(header) < 2:
        raise InputError(f"{path} is no table of several columns. Fix: export it as CSV or TSV")
    return Export(path, tuple(header), rows, "," if separator != "," else ".")


def _decoded(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        raise InputError(f"{path} has more than 2 GB. Fix: export fixations, not samples")
    data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif data[1:2] == b"\0":
        encoding = "utf-16-le"
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise InputError(
            f"{path} is no text in UTF-8 or UTF-16. Fix: choose one of them when exporting"
        ) from None
