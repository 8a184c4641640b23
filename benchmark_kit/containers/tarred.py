"""Tar archives, plain or packed by gzip: listed and read under a limit of what they unpack to."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import DamagedFile, damage_of

KIND = "archive"
MOST_TOTAL = 4 * 2**30  # bytes of all members: packed ones are kept in memory
MOST_MEMBERS = 50_000
FLOOR, EXPANSION = 2**28, 64  # less, where the file's size does not explain them


class _Limited(io.RawIOBase):
    """A packed file that ends with an error when it has given out too much."""

    def __init__(self, file: Any, name: str, left: int):
        self.file, self.name, self.left, self.most = file, name, left, left

    def read(self, size: int = -1) -> bytes:
        if size > self.left:
            raise DamagedFile(
                self.name,
                f"the archive unpacks to more than {self.most} bytes",
                "unpack it, or pack a .zip",
            )
        data: bytes = self.file.read(size)
        self.left -= len(data)
        return data

    def tell(self) -> int:
        return int(self.file.tell())

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        # a packed file unpacks what it skips
        self.left -= max(0, place - self.tell()) if whence == os.SEEK_SET else 0
        if self.left < 0:
            self.read(1)
        return int(self.file.seek(place, whence))

    def seekable(self) -> bool:
        return True


@contextmanager
def open_tar(path: Path, *, packed: bool) -> Iterator[tarfile.TarFile]:
    """An archive to read; errors inside are turned as well.

    Args:
        path: the file.
        packed: by gzip.

    Raises:
        DamagedFile: no archive, a damaged one, or one that unpacks to too much.
    """
    with damage_of(path, KIND):
        if not packed:
            with tarfile.open(path, "r:") as archive:
                yield archive
            return
        most = min(MOST_TOTAL, max(FLOOR, EXPANSION * path.stat().st_size))
        with gzip.open(path, "rb") as file:
            limited: Any = _Limited(file, str(path), most)
            with tarfile.open(fileobj=limited, mode="r:") as archive:
                yield archive


def tar_members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Members in their order.

    Raises:
        DamagedFile: more than an archive of maps has.
    """
    for number, info in enumerate(archive):
        if number >= MOST_MEMBERS:
            raise DamagedFile(
                str(archive.name or "the archive"),
                f"the archive has more than {MOST_MEMBERS} members",
                "pack the maps alone",
            )
        yield info


def plain_file(info: tarfile.TarInfo) -> bool:
    """Whether a member's bytes lie in the archive as they are."""
    return info.isreg() and not info.issparse()


def tar_bytes(archive: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    """A plain member.

    Raises:
        DamagedFile: a damaged archive.
    """
    with damage_of(str(archive.name or "the archive"), KIND):
        file = archive.extractfile(info)
        assert file is not None, "only members that are plain files are taken"
        return file.read()
