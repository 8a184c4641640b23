"""MATLAB files of version 4 to 7: every tag is followed before scipy may read the file.

scipy trusts the tags: one wrong byte in them can end the interpreter, and a few kilobytes can ask
for gigabytes. Here the tree of elements is walked as scipy will walk it, and what does not add up
is refused: types, lengths beyond what contains them, dimensions that are not the number of values,
sparse indices outside. scipy then gets the very bytes that were walked, already unpacked.

MATLAB, MAT-File Format (R2023a), chapter 1; version 4: appendix of the same document.
"""

from __future__ import annotations

import io
import math
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.containers.damage import damage_of, most_unpacked

HEADER = 128
MATRIX, COMPRESSED = 14, 15
INT8, INT32, UINT32 = 1, 5, 6
NUMBERS = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}  # type -> bytes a value
TEXTS = {16: 1, 17: 2, 18: 4}  # UTF-8, -16, -32
CELL, STRUCT, OBJECT, CHAR, SPARSE, FUNCTION, OPAQUE = 1, 2, 3, 4, 5, 16, 17
NUMERIC = range(6, 16)  # classes double to uint64
COMPLEX = 1 << 11
DEEPEST = 16  # cells in structs in cells
MOST_AXES = 32
MOST_ELEMENTS = 2**20  # arrays in a file, fields and cells included
LONGEST_NAME = 4096
# version 4: digit of the type -> numpy's
TYPES_4 = {0: "f8", 1: "f4", 2: "i4", 3: "i2", 4: "u2", 5: "u1"}


def load_classic(path: Path, most_bytes: int | None = None) -> dict[str, Any]:
    """All variables of a MATLAB file of version 4 to 7, as scipy gives them.

    Args:
        path: the file.
        most_bytes: that it may unpack to; None: what its size explains.

    Raises:
        DamagedFile: no such file, damaged, nested too deep or too large.
    """
    import warnings

    from scipy.io import loadmat

    with damage_of(path, "MATLAB file"):
        data = path.read_bytes()
        limit = most_unpacked(len(data)) if most_bytes is None else most_bytes
        if 0 in data[:4]:
            _walk_4(data, limit)
            checked = data
        else:
            checked = _walk(data, limit)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a variable stored twice: the last one counts
            variables = loadmat(io.BytesIO(checked), squeeze_me=False, struct_as_record=True)
    return {name: value for name, value in variables.items() if not name.startswith("__")}


def _walk(data: bytes, limit: int) -> bytes:
    """The file with its compressed variables unpacked, all of it walked."""
    if len(data) < HEADER:
        raise ValueError("shorter than a header")
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    if order is None or data[125 if order == "<" else 124] != 1:
        raise ValueError("no header of MATLAB 5 to 7")
    parts, left, at = [data[:HEADER]], limit, HEADER
    budget = _Budget()
    while at < len(data):
        if len(data) - at < 8:
            raise ValueError("it ends inside a tag")
        kind, count = struct.unpack_from(f"{order}II", data, at)
        if kind not in (MATRIX, COMPRESSED) or count > len(data) - at - 8:
            raise ValueError(f"an element of type {kind} and {count} bytes at byte {at}")
        if kind == COMPRESSED:
            part = _unpacked(data[at + 8 : at + 8 + count], order, left)
        else:
            part = data[at : at + 8 + count]
        left -= len(part)
        if left < 0:
            raise ValueError(f"it unpacks to more than {limit} bytes")
        _Walker(part, order, budget).variable()
        parts.append(part)
        at += 8 + count
    return b"".join(parts)


def _unpacked(packed: bytes, order: str, left: int) -> bytes:
    unpacker = zlib.decompressobj()
    head = unpacker.decompress(packed, 8)
    if len(head) < 8:
        raise ValueError("a compressed variable that ends inside its tag")
    kind, count = struct.unpack(f"{order}II", head)
    if kind != MATRIX:
        raise ValueError(f"a compressed element of type {kind}")
    if count > left:
        raise ValueError(f"a compressed variable that promises {count} bytes, at most {left}")
    body = unpacker.decompress(unpacker.unconsumed_tail, count) if count else b""
    if len(body) < count:
        raise ValueError(f"a compressed variable of {len(body)} bytes instead of {count}")
    # the end of the stream holds a checksum, which counts only if it is reached
    if unpacker.decompress(unpacker.unconsumed_tail, 1) or not unpacker.eof:
        raise ValueError("a compressed variable that does not end where it says")
    return head + body


class _Budget:
    """How many arrays a file may still hold."""

    def __init__(self) -> None:
        self.left = MOST_ELEMENTS

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise ValueError(f"more than {MOST_ELEMENTS} arrays")


class _Walker:
    """Goes through one variable, element by element, in the order in which scipy reads."""

    def __init__(self, data: bytes, order: str, budget: _Budget):
        self.data, self.order, self.budget = data, order, budget
        self.tag = struct.Struct(f"{order}II").unpack_from
        self.at = 0

    def variable(self) -> None:
        self.matrix(0, len(self.data))

    def matrix(self, depth: int, end: int) -> None:
        """An array with all that is in it; scipy goes on where it ends."""
        self.budget.take(1)
        if depth > DEEPEST:
            raise ValueError(f"values nested more than {DEEPEST} deep")
        self.need(8, end)
        kind, count = self.tag(self.data, self.at)
        self.at += 8
        if kind != MATRIX or count > end - self.at:
            raise ValueError(f"an array of type {kind} and {count} bytes")
        if count == 0:
            return  # an empty array
        end = self.at + count
        self.need(16, end)
        (kind, size), (flags, _) = self.tag(self.data, self.at), self.tag(self.data, self.at + 8)
        if (kind, size) != (UINT32, 8):
            raise ValueError("an array without its flags")
        self.at += 16
        held = flags & 0xFF
        if held == OPAQUE:
            for _ in range(3):
                self.name(end)
            self.matrix(depth + 1, end)
            return
        shape = self.shape(end)
        self.name(end)
        self.content(held, flags, shape, depth, end)

    def content(self, held: int, flags: int, shape: tuple[int, ...], depth: int, end: int) -> None:
        values = math.prod(shape)
        if held in NUMERIC:
            for _ in range(2 if flags & COMPLEX else 1):
                self.numbers(values, end)
        elif held == SPARSE:
            self.sparse(shape, flags, end)
        elif held == CHAR:
            self.text(values, end)
        elif held in (CELL, FUNCTION):
            self.matrices(values if held == CELL else 1, depth, end)
        elif held in (STRUCT, OBJECT):
            if held == OBJECT:
                self.name(end)
            self.matrices(values * self.fields(end), depth, end)
        else:
            raise ValueError(f"an array of the unknown class {held}")

    def matrices(self, count: int, depth: int, end: int) -> None:
        if 8 * count > end - self.at:
            raise ValueError(f"{count} arrays in {end - self.at} bytes")
        for _ in range(count):
            self.matrix(depth + 1, end)

    def element(self, end: int) -> tuple[int, memoryview]:
        """Type and bytes of a data element, in its long or short form."""
        self.need(8, end)
        kind, count = self.tag(self.data, self.at)
        if kind >> 16:
            kind, count, start, step = kind & 0xFFFF, kind >> 16, self.at + 4, 8
            if count > 4:
                raise ValueError(f"a short element of {count} bytes")
        else:
            start, step = self.at + 8, 8 + count + (-count) % 8
            if count > end - start:
                raise ValueError(f"an element of {count} bytes, {end - start} are left")
        self.at = min(self.at + step, end)
        return kind, memoryview(self.data)[start : start + count]

    def shape(self, end: int) -> tuple[int, ...]:
        kind, raw = self.element(end)
        count = len(raw) // 4
        if kind not in (INT32, UINT32) or len(raw) % 4 or not 2 <= count <= MOST_AXES:
            raise ValueError("an array without its dimensions")
        shape = struct.unpack(f"{self.order}{count}i", raw)
        if min(shape) < 0:
            raise ValueError(f"dimensions {shape}")
        return shape

    def name(self, end: int) -> None:
        kind, raw = self.element(end)
        # UTF-8 is what other programs write
        if kind not in (INT8, 2, 16) or len(raw) > LONGEST_NAME:
            raise ValueError("an array without its name")

    def numbers(self, values: int, end: int) -> int:
        kind, raw = self.element(end)
        size = NUMBERS.get(kind)
        if size is None or len(raw) != size * values:
            raise ValueError(f"{len(raw)} bytes of type {kind} for {values} values")
        return kind

    def text(self, values: int, end: int) -> None:
        kind, raw = self.element(end)
        size = NUMBERS.get(kind) or TEXTS.get(kind)
        # letters of several bytes make more bytes than letters
        if not len(raw) and values <= LONGEST_NAME:
            return  # blanks, as MATLAB may leave them out
        if size is None or kind in (7, 9) or not values <= len(raw) // size <= 4 * values:
            raise ValueError(f"{len(raw)} bytes of type {kind} for {values} letters")

    def fields(self, end: int) -> int:
        """Number of a struct's fields."""
        kind, raw = self.element(end)
        if kind != INT32 or len(raw) != 4:
            raise ValueError("a struct without the length of its names")
        (length,) = struct.unpack(f"{self.order}i", raw)
        kind, raw = self.element(end)
        if kind != INT8 or (len(raw) and (length < 1 or len(raw) % length)):
            raise ValueError("a struct without the names of its fields")
        return len(raw) // length if len(raw) else 0

    def sparse(self, shape: tuple[int, ...], flags: int, end: int) -> None:
        if len(shape) != 2:
            raise ValueError(f"a sparse array of dimensions {shape}")
        rows, starts = (self.indices(end) for _ in range(2))
        count = int(starts[-1]) if len(starts) else 0
        if (
            len(starts) != shape[1] + 1
            or starts[0] != 0
            or (np.diff(starts.astype(np.int64)) < 0).any()
            or count > len(rows)
            or (count and not 0 <= rows[:count].min() <= rows[:count].max() < shape[0])
        ):
            raise ValueError("a sparse array with indices outside of it")
        for _ in range(2 if flags & COMPLEX else 1):
            kind, raw = self.element(end)
            # logical values are bytes, whatever numbers their tag states
            size = 1 if len(raw) == count else NUMBERS.get(kind, 0)
            if kind not in NUMBERS or len(raw) % size or len(raw) // size < count:
                raise ValueError(f"a sparse array of {count} values without them")

    def indices(self, end: int) -> np.ndarray:
        kind, raw = self.element(end)
        if kind not in (INT32, UINT32) or len(raw) % 4:
            raise ValueError("a sparse array without its indices")
        return np.frombuffer(raw, f"{self.order}i4")

    def need(self, count: int, end: int) -> None:
        if end - self.at < count:
            raise ValueError("it ends inside an element")


def _walk_4(data: bytes, limit: int) -> None:
    """A file of version 4: arrays one after the other, each behind a header of five numbers."""
    at, left = 0, limit
    while at < len(data):
        if len(data) - at < 20:
            raise ValueError("it ends inside a header")
        order = "<" if 0 <= struct.unpack_from("<i", data, at)[0] < 5000 else ">"
        kind, rows, columns, complex_, length = struct.unpack_from(f"{order}5i", data, at)
        machine, zero, digit, held = kind // 1000, kind // 100 % 10, kind // 10 % 10, kind % 10
        if (
            machine != (0 if order == "<" else 1)
            or zero != 0
            or digit not in TYPES_4
            or held > 2
            or complex_ not in (0, 1)
            or not 1 <= length <= LONGEST_NAME
            or min(rows, columns) < 0
        ):
            raise ValueError(f"no header of MATLAB 4 at byte {at}")
        dtype = np.dtype(f"{order}{TYPES_4[digit]}")
        # a sparse array lists row, column, value and states complex values by a fourth column
        count = rows * columns * dtype.itemsize * (1 + complex_)
        start = at + 20 + length
        if count > len(data) - start:
            raise ValueError(f"an array of {count} bytes, {len(data) - start} are left")
        if held == 2:
            _check_sparse_4(np.frombuffer(data, dtype, rows * columns, start), rows, columns)
        left -= count
        if left < 0:
            raise ValueError(f"it unpacks to more than {limit} bytes")
        at = start + count


def _check_sparse_4(values: np.ndarray, rows: int, columns: int) -> None:
    """Columns row, column, value(, imaginary part); the last row holds the dimensions."""
    if columns not in (3, 4) or rows < 1:
        raise ValueError(f"a sparse array of {columns} columns")
    table = values.reshape(columns, rows).astype(np.float64)
    shape, indices = table[:2, -1], table[:2, :-1]
    if (
        not np.isfinite(table[:2]).all()
        or (shape < 0).any()
        or (shape > 2**31 - 1).any()
        or (indices < 1).any()
        or (indices > shape[:, None]).any()
    ):
        raise ValueError("a sparse array with indices outside of it")
