"""Arrays of numpy, `.npy` and `.npz`: a header is matched to a pattern, never evaluated.

What the header promises is compared with the bytes that are there before anything is reserved.
Pickled objects are refused.
"""

from __future__ import annotations

import io
import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from benchmark_kit.containers.damage import damage_of, most_unpacked
from benchmark_kit.containers.zipped import member_bytes, open_zip

MAGIC = b"\x93NUMPY"
LONGEST_HEADER = 10_000  # bytes; numpy's own limit for files that are not trusted
MOST_AXES = 32
LONGEST_AXIS = 2**48
ENTRY = (
    r"(?:['\"]descr['\"]\s*:\s*['\"](?P<descr>[<>|=]?[?a-zA-Z]\d{0,6}(?:\[\w{1,8}\])?)['\"]"
    r"|['\"]fortran_order['\"]\s*:\s*(?P<fortran>True|False)"
    r"|['\"]shape['\"]\s*:\s*\((?P<shape>[\d\sL,]*)\))"
)
PARTS = re.compile(ENTRY)
WHOLE = re.compile(rf"\{{\s*(?:{re.sub(r'[?]P<[a-z]+>', '?:', ENTRY)}\s*(?:,\s*)?){{3}}\}}\s*")
AXES = re.compile(r"\s*|(?:\s*\d+L?\s*,)+(?:\s*\d+L?)?\s*")
CODE_POINTS = 0x110000


@dataclass(frozen=True)
class NpyHeader:
    """What an array's header says.

    Args:
        shape: lengths of the axes.
        dtype: type of the values.
        fortran: columns lie together.
        start: place of the first value in the file.
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    fortran: bool
    start: int

    @property
    def values(self) -> int:
        """Number of values."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of the values."""
        return self.values * self.dtype.itemsize


def read_header(file: BinaryIO, name: str) -> NpyHeader:
    """The header of a `.npy` file that is open at its beginning.

    Raises:
        DamagedFile: no such file, or one of structured types.
    """
    with damage_of(name, ".npy file"):
        return _header(file)


def _header(file: BinaryIO) -> NpyHeader:
    start = file.read(8)
    if len(start) < 8 or start[:6] != MAGIC:
        raise ValueError("it does not begin as one")
    width = 2 if start[6] == 1 else 4
    if start[6] not in (1, 2, 3):
        raise ValueError(f"version {start[6]} of the format")
    length = int.from_bytes(file.read(width), "little")
    if length > LONGEST_HEADER:
        raise ValueError(f"a header of {length} bytes")
    raw = file.read(length)
    if len(raw) < length:
        raise ValueError("it ends inside its header")
    text = raw.decode("latin1")
    if re.search(r"['\"]descr['\"]\s*:\s*\[", text):
        raise ValueError("named columns instead of numbers")
    if not WHOLE.fullmatch(text):
        raise ValueError(f"the header {text[:60].strip()!r}")
    found: dict[str, str] = {}
    for part in PARTS.finditer(text):
        found |= {key: value for key, value in part.groupdict().items() if value is not None}
    if set(found) != {"descr", "fortran", "shape"} or not AXES.fullmatch(found["shape"]):
        raise ValueError(f"the header {text[:60].strip()!r}")
    shape = tuple(int(axis) for axis in re.findall(r"\d{1,40}", found["shape"]))
    if len(shape) > MOST_AXES or any(axis > LONGEST_AXIS for axis in shape):
        raise ValueError(f"the shape ({found['shape'][:60]})")
    return NpyHeader(
        shape, np.dtype(found["descr"]), found["fortran"] == "True", 8 + width + length
    )


def read_values(file: BinaryIO, name: str, most_bytes: int) -> np.ndarray:
    """The array of a `.npy` file that is open at its beginning and can be sought in.

    Raises:
        DamagedFile: as `read_header`; shorter than promised, larger than `most_bytes`, or with
            pickled objects.
    """
    with damage_of(name, ".npy file"):
        header = _header(file)
        if header.dtype.hasobject:
            raise ValueError("pickled Python objects, which are never loaded")
        there = file.seek(0, os.SEEK_END) - header.start
        if header.nbytes > there:
            raise ValueError(f"{there} bytes of values instead of {header.nbytes}")
        if header.nbytes > most_bytes:
            raise ValueError(f"its header promises {header.nbytes} bytes, at most {most_bytes}")
        file.seek(header.start)
        return _array(header, file)


def _array(header: NpyHeader, file: BinaryIO) -> np.ndarray:
    order = "F" if header.fortran else "C"
    if header.nbytes == 0:
        return np.empty(header.shape, header.dtype, order=order)  # type: ignore[call-overload]
    raw = np.empty(header.nbytes, np.uint8)
    if file.readinto(raw.data) != header.nbytes:  # type: ignore[attr-defined]
        raise ValueError("it ends inside its values")
    if header.dtype.kind == "U" and raw.view(header.dtype.newbyteorder("=")).size:
        points = raw.view(np.dtype(np.uint32).newbyteorder(header.dtype.byteorder))
        if points.max() >= CODE_POINTS:
            raise ValueError("text that is none")
    return raw.view(header.dtype).reshape(header.shape, order=order)  # type: ignore[call-overload]


def open_npy(path: Path, most_bytes: int | None = None) -> np.ndarray:
    """The array of a `.npy` file.

    Args:
        path: the file.
        most_bytes: that its values may have; None: as many as the file has.

    Raises:
        DamagedFile: as `read_values`, or it cannot be opened.
    """
    with damage_of(path, ".npy file"), open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        return read_values(file, str(path), size if most_bytes is None else most_bytes)


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an `.npz` archive by name.

    Raises:
        DamagedFile: no such archive, or one that unpacks to more than its size explains.
    """
    arrays: dict[str, np.ndarray] = {}
    with open_zip(path) as archive:
        left = most_unpacked(path.stat().st_size)
        for info in archive.infolist():
            if not info.filename.endswith(".npy"):
                raise ValueError(f"a member {info.filename[:60]!r}, which is no array")
            data = member_bytes(archive, info, left)
            left -= len(data)
            with damage_of(path, f"archive whose {info.filename[:60]!r} is an array"):
                arrays[info.filename.removesuffix(".npy")] = read_values(
                    io.BytesIO(data), str(path), len(data)
                )
    return arrays
