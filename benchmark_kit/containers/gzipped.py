"""Text packed by gzip, under a limit of what it unpacks to."""

from __future__ import annotations

import gzip
from pathlib import Path

from benchmark_kit.containers.damage import DamagedFile, damage_of

MOST = 2**31  # bytes
FLOOR, EXPANSION = 2**26, 200  # less, where the file's size does not explain them


def unpacked_text(path: Path) -> str:
    """The text of a `.gz` file in UTF-8.

    Raises:
        DamagedFile: no gzip file, a damaged one, one that unpacks to too much, or no text in UTF-8.
    """
    with damage_of(path, "gzip file"):
        most = min(MOST, max(FLOOR, EXPANSION * path.stat().st_size))
        with gzip.open(path, "rb") as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise DamagedFile(str(path), f"it unpacks to more than {most} bytes", "unpack it")
        return data.decode("utf-8-sig")
