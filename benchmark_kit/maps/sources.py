"""Where maps come from: a folder, an archive, an HDF5 file, or arrays in Python.

A source lists its maps by name (path without extension, `/` between parts) and gives a small
reference to each that a worker process reads by itself. Nothing is unpacked to disk, links inside
files are never followed, and no member may be larger than a map can be.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import numpy as np

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.hdf5 import (
    check_values,
    members,
    open_hdf5,
    own_member,
    read_values,
)
from benchmark_kit.containers.tarred import open_tar, plain_file, tar_bytes, tar_members
from benchmark_kit.containers.zipped import PACKED, keep_zip, member_bytes, open_zip
from benchmark_kit.errors import ConfigError, Problem
from benchmark_kit.files import state_of
from benchmark_kit.imaging.images import (
    BYTES_A_PIXEL,
    SUFFIXES,
    DecodeError,
    MapInfo,
    inspect_map,
    plain_array,
    read_map,
)
from benchmark_kit.leftovers import is_leftover

ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz")
NESTED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf")


@dataclass(frozen=True)
class FileReference:
    """A map in a file of its own."""

    path: Path

    def read(self, most_pixels: int) -> np.ndarray:
        """Decode it."""
        return read_map(self.path, most_pixels=most_pixels)

    def inspect(self, most_pixels: int) -> MapInfo:
        """Read its header."""
        return inspect_map(self.path, most_pixels=most_pixels)

    def identity(self) -> str:
        """Changes when the file does."""
        state = self.path.stat()
        return state_of(state)


@dataclass(frozen=True)
class MemberReference:
    """A map inside an archive: a zip's member, a place in a tar, or bytes already read."""

    archive: Path
    member: str
    place: tuple[int, int] | None = None
    data: bytes | None = None

    def _bytes(self, most_pixels: int) -> bytes:
        limit = most_pixels * BYTES_A_PIXEL + 2**20
        if self.data is not None:
            return self.data
        if self.place is not None:
            with open(self.archive, "rb") as file:
                file.seek(self.place[0])
                return file.read(min(self.place[1], limit))
        try:
            archive = _zip(str(self.archive), os.stat(self.archive).st_mtime_ns)
            return member_bytes(archive, self.member, limit)
        except OSError as error:
            raise DecodeError("E301", f"unreadable ({error.strerror})", "pack again") from None
        except DamagedFile as error:
            raise DecodeError("E301", error.reason, error.fix) from None

    def read(self, most_pixels: int) -> np.ndarray:
        """Decode it."""
        return read_map((self.member, self._bytes(most_pixels)), most_pixels=most_pixels)

    def inspect(self, most_pixels: int) -> MapInfo:
        """Read its header."""
        return inspect_map((self.member, self._bytes(most_pixels)), most_pixels=most_pixels)

    def identity(self) -> str:
        """Changes when the archive does."""
        state = self.archive.stat()
        return state_of(state)


@lru_cache(maxsize=2)
def _zip(path: str, mtime: int) -> zipfile.ZipFile:
    # kept open a process: the directory of 5,000 members takes longer to read than a map
    return keep_zip(Path(path))


@dataclass(frozen=True)
class DatasetReference:
    """A map that is a dataset of an HDF5 file."""

    path: Path
    key: str

    @contextmanager
    def _dataset(self, most_pixels: int) -> Iterator[Any]:
        """The dataset, once its header is that of a map; errors become one kind."""
        try:
            # the process that listed the file has opened it before
            with open_hdf5(self.path, rehearsed=True) as file:
                dataset = own_member(file, self.key)
                self._check(dataset, most_pixels)
                check_values(dataset, most_pixels * BYTES_A_PIXEL)
                yield dataset
        except DamagedFile as error:
            raise DecodeError("E301", error.reason, error.fix) from None

    def _check(self, dataset: Any, most_pixels: int) -> None:
        if dataset.dtype.kind not in "biuf":
            text = f"values of type {dataset.dtype} instead of real numbers"
            raise DecodeError("E303", text, "save one 2-D float array a key")
        shape = tuple(side for side in dataset.shape or () if side != 1)
        if len(shape) != 2:
            text = f"an array of shape {dataset.shape} instead of (height, width)"
            raise DecodeError("E303", text, "save one 2-D float array a key")
        if shape[0] * shape[1] > most_pixels:
            text = f"{dataset.shape} values, at most {most_pixels} can belong here"
            raise DecodeError("E301", text, "write the file again")

    def read(self, most_pixels: int) -> np.ndarray:
        """Read it as uint8, uint16, float32 or float64."""
        with self._dataset(most_pixels) as dataset:
            array = read_values(dataset, most_pixels * BYTES_A_PIXEL)
        return plain_array(array.reshape([side for side in array.shape if side != 1]))

    def inspect(self, most_pixels: int) -> MapInfo:
        """Read its shape and type."""
        with self._dataset(most_pixels) as dataset:
            height, width = (side for side in dataset.shape if side != 1)
            return MapInfo((height, width), dataset.dtype.name, "hdf5")

    def axes(self) -> tuple[int, ...]:
        """Its stored shape."""
        with open_hdf5(self.path, rehearsed=True) as file:
            return tuple(own_member(file, self.key).shape)

    def identity(self) -> str:
        """Changes when the file does."""
        state = self.path.stat()
        return state_of(state)


@dataclass(frozen=True, eq=False)
class ArrayReference:
    """A map in memory."""

    array: np.ndarray

    def read(self, most_pixels: int) -> np.ndarray:
        """The array as one of the stored types."""
        if np.ma.is_masked(self.array):
            found = "a masked array: its masked pixels have no value"
            raise DecodeError("E304", found, "give them one: array.filled(0)")
        return plain_array(np.asarray(self.array))

    def inspect(self, most_pixels: int) -> MapInfo:
        """Its shape and type."""
        array = self.read(most_pixels)
        return MapInfo((array.shape[0], array.shape[1]), array.dtype.name, "array")

    def identity(self) -> str:
        """Changes with the pixels."""
        import hashlib

        return hashlib.sha256(np.ascontiguousarray(self.array).data).hexdigest()


def _array(given: Any) -> np.ndarray:
    """An array as it is; a mask stays, so that it can be refused."""
    return given if isinstance(given, np.ma.MaskedArray) else np.asarray(given)


Maps = str | Path | Mapping[str, np.ndarray]  # a path, or arrays by image name


class Reference(Protocol):
    """What stands for a map: small, picklable, read by a worker."""

    def read(self, most_pixels: int) -> np.ndarray:
        """Decode it; raises DecodeError."""

    def inspect(self, most_pixels: int) -> MapInfo:
        """Read its header; raises DecodeError."""

    def identity(self) -> str:
        """Changes when the map does."""


@dataclass(frozen=True, eq=False)
class MapSource:
    """Maps by name.

    Args:
        kind: `"folder"`, `"archive"`, `"hdf5"`, `"arrays"` or `"model"`.
        where: the path, or empty.
        entries: (path with extension, reference) of every map, in order of the paths.
        ignored: paths of files that are no maps.
        problems: members that must not be read.
    """

    kind: str
    where: str
    entries: tuple[tuple[str, Reference], ...]
    ignored: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    def describe(self) -> str:
        """The source in words."""
        return f"{self.kind} {Path(self.where).name}".strip()


def open_maps(maps: Maps) -> MapSource:
    """Find the maps of a folder, archive, HDF5 file or mapping.

    Args:
        maps: a path, or a mapping from image name (with or without extension) to array.

    Raises:
        ConfigError: a path that is not there, or of a kind that is not read.
        InputError: an archive or HDF5 file that is damaged.
    """
    if isinstance(maps, Mapping):
        entries = tuple((str(name), ArrayReference(_array(maps[name]))) for name in sorted(maps))
        return MapSource("arrays", "", entries)
    path = Path(maps)
    if not path.exists():
        raise ConfigError(
            f"no such file or folder: {path}. Fix: give the folder that holds the maps"
        )
    if path.is_dir():
        return _folder(path)
    name = path.name.lower()
    if name.endswith(HDF5_SUFFIXES):
        return hdf5_maps(path)
    if name.endswith(ARCHIVES):
        return _archive(path)
    raise ConfigError(
        f"{path} is neither a folder nor one of {', '.join((*ARCHIVES, *HDF5_SUFFIXES))}. "
        "Fix: give the folder that holds the maps"
    )


def is_junk(path: str) -> bool:
    """Whether a relative path is a system's or editor's leftover."""
    parts = PurePosixPath(path).parts
    return any(map(is_leftover, parts)) or (bool(parts) and parts[-1].startswith("."))


def _folder(root: Path) -> MapSource:
    entries, ignored = [], []
    for folder, _, files in os.walk(root):  # links to folders are not followed: no loops
        for file in files:
            path = Path(folder, file)
            relative = path.relative_to(root).as_posix()
            if is_junk(relative):
                continue
            if path.suffix.lower() in SUFFIXES:
                entries.append((relative, FileReference(path)))
            else:
                ignored.append(relative)
    return MapSource(
        "folder", str(root), tuple(sorted(entries, key=lambda e: e[0])), tuple(sorted(ignored))
    )


def _bad_member(name: str) -> str | None:
    if "\\" in name:
        return "a backslash in the name"
    if name.startswith("/") or (len(name) > 1 and name[1] == ":"):
        return "an absolute path"
    if ".." in PurePosixPath(name).parts:
        return "a path that leaves the archive"
    if name.lower().endswith(NESTED):
        return "an archive inside the archive"
    return None


class _Members:
    """Sorts an archive's members into maps, things to ignore and things to refuse."""

    def __init__(self, path: Path):
        self.path = path
        self.entries: list[tuple[str, Reference]] = []
        self.ignored: list[str] = []
        self.refused: dict[str, list[str]] = {}

    def take(self, name: str, reason: str | None, reference: Any) -> None:
        reason = reason or _bad_member(name)
        if is_junk(name):
            return
        if reason:
            self.refused.setdefault(reason, []).append(name)
        elif PurePosixPath(name).suffix.lower() in SUFFIXES:
            self.entries.append((name, reference()))
        else:
            self.ignored.append(name)

    def source(self) -> MapSource:
        problems = [
            Problem(
                "E502", tuple(names), f"archive members with {reason}", fix="pack the maps again"
            )
            for reason, names in sorted(self.refused.items())
        ]
        entries = tuple(sorted(self.entries, key=lambda e: e[0]))
        return MapSource("archive", str(self.path), entries, tuple(self.ignored), tuple(problems))


def _archive(path: Path) -> MapSource:
    return zip_maps(path) if path.name.lower().endswith(".zip") else tar_maps(path)


def zip_maps(path: Path) -> MapSource:
    """The maps of a zip; members that could do harm are problems of the source."""
    found = _Members(path)
    with open_zip(path) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            reason = None
            if info.flag_bits & 1:
                reason = "encryption"
            elif info.compress_type not in PACKED:
                reason = "a packer other than deflate"
            elif stat.S_ISLNK(info.external_attr >> 16):
                reason = "a link instead of a file"
            # orig_filename: zipfile rewrites backslashes on some systems and cuts at a null byte
            found.take(info.orig_filename, reason, lambda i=info: MemberReference(path, i.filename))
    return found.source()


def tar_maps(path: Path) -> MapSource:
    """The maps of a tar archive, packed or not."""
    found = _Members(path)
    packed = not path.name.lower().endswith(".tar")
    with open_tar(path, packed=packed) as archive:
        for info in tar_members(archive):
            if info.isdir():
                continue
            reason = None if plain_file(info) else "a link or device instead of a file"
            if packed:
                # a packed tar cannot be read at a place
                found.take(
                    info.name,
                    reason,
                    lambda i=info: MemberReference(path, i.name, data=tar_bytes(archive, i)),
                )
                continue
            found.take(
                info.name,
                reason,
                lambda i=info: MemberReference(path, i.name, place=(i.offset_data, i.size)),
            )
    return found.source()


def hdf5_maps(path: Path) -> MapSource:
    """The maps of an HDF5 file, one dataset each."""
    entries: list[tuple[str, Reference]] = []
    links: list[str] = []
    with open_hdf5(path) as file:
        for name, dataset in members(file):
            if dataset is None:
                links.append(name)
            else:
                entries.append((name, DatasetReference(path, name)))
    problems = []
    if links:
        text = "HDF5 keys that link elsewhere, which is never followed"
        problems.append(Problem("E406", tuple(links), text, fix="store the arrays themselves"))
    return MapSource(
        "hdf5", str(path), tuple(sorted(entries, key=lambda e: e[0])), (), tuple(problems)
    )
