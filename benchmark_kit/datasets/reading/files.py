"""Walking a data set's folders: one `os.scandir` pass, junk left out, loops of links cut."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from benchmark_kit.errors import InputError, Problem
from benchmark_kit.leftovers import is_leftover


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sort key that puts `i2` before `i10`."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in re.split(r"(\d+)", name)
        if part
    ]


def files_below(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """All files below a folder as (path below the folder with `/`, directory entry).

    Links to folders are followed unless they lead back to a folder that is being walked; broken
    links are no files.

    Raises:
        InputError: a folder that may not be listed.
    """
    pending = [(str(folder), "", frozenset[tuple[int, int]]())]
    while pending:
        path, prefix, above = pending.pop()
        try:
            status = os.stat(path)
            identity = (status.st_dev, status.st_ino)
            if identity in above:
                continue
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except PermissionError as error:
            problem = Problem("E702", (path,), "a folder that may not be read", fix="chmod u+rx")
            raise InputError("The data set cannot be listed.", [problem]) from error
        for entry in entries:
            if is_leftover(entry.name):
                continue
            if entry.is_dir():
                pending.append((entry.path, f"{prefix}{entry.name}/", above | {identity}))
            elif entry.is_file():
                yield prefix + entry.name, entry
