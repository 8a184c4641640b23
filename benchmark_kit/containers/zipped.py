"""Zip archives: opened, listed and read without trusting what their directory says.

Members are stored or deflated. Other packers' codecs unpack a few bytes into gigabytes in one step,
which cannot be stopped on the way, so that they are refused.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmark_kit.containers.damage import DamagedFile, damage_of

PACKED = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
KIND = "archive"


def is_zip(path: Path) -> bool:
    """Whether a file ends as a zip does."""
    try:
        return zipfile.is_zipfile(path)
    except (OSError, ValueError):
        return False  # whoever opens it says what is wrong


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive to read; errors inside are turned as well.

    Raises:
        DamagedFile: no archive, a damaged one, or whatever goes wrong inside.
    """
    with damage_of(path, KIND), keep_zip(path) as archive:
        yield archive


def keep_zip(path: Path) -> zipfile.ZipFile:
    """An archive that stays open; `member_bytes` reads from it.

    Raises:
        DamagedFile: no archive, or a damaged one.
    """
    with damage_of(path, KIND):
        return zipfile.ZipFile(path)


def new_zip(path: Path) -> zipfile.ZipFile:
    """An archive to write."""
    return zipfile.ZipFile(path, "w")


def member_bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo | str, most_bytes: int) -> bytes:
    """A whole member, read up to a limit whatever size its directory states.

    Raises:
        DamagedFile: damaged, encrypted, packed by another codec, or larger than the limit.
    """
    name = archive.filename or "the archive"
    with damage_of(name, KIND):
        info = archive.getinfo(member) if isinstance(member, str) else member
        if info.compress_type not in PACKED:
            raise ValueError(f"{info.filename[:60]!r} is packed by codec {info.compress_type}")
        with archive.open(info) as file:
            data = file.read(most_bytes + 1)
        if len(data) > most_bytes:
            raise DamagedFile(
                name,
                f"{info.filename[:60]!r} unpacks to more than {most_bytes} bytes",
                "pack the files again, without others",
            )
        return data
