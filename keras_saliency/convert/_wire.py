"""Protocol buffers without their library: the fields of a message, each checked against its end.

Nothing is reserved for a length that a message only states: lengths beyond the message are refused
and values are views of the file's own bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from keras_saliency.convert._original import LARGEST

VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES = 0, 1, 2, 5
Field = tuple[int, int, int | memoryview]


def message_in(path: Path) -> memoryview:
    """The whole file.

    Raises:
        ValueError: longer than a message may be.
    """
    if path.stat().st_size >= LARGEST:
        raise ValueError(f"a message is shorter than {LARGEST} bytes")
    return memoryview(path.read_bytes())


def fields(message: memoryview) -> Iterator[Field]:
    """Number, wire type and value of every field, in the file's order.

    Values are whole numbers (`VARINT`) or the field's bytes.

    Raises:
        ValueError: a field that ends beyond the message, or of no known type.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield number, kind, value
            continue
        if kind == BYTES:
            length, at = _varint(message, at)
        elif kind in (EIGHT_BYTES, FOUR_BYTES):
            length = 8 if kind == EIGHT_BYTES else 4
        else:
            raise ValueError(f"field {number} has the unknown wire type {kind}")
        if length > len(message) - at:
            raise ValueError(f"field {number} has {length} bytes, {len(message) - at} are left")
        yield number, kind, message[at : at + length]
        at += length


def messages(message: memoryview, number: int) -> Iterator[memoryview]:
    """The messages inside that are one field."""
    for found, kind, value in fields(message):
        if found == number and kind == BYTES and isinstance(value, memoryview):
            yield value


def text(message: memoryview, number: int) -> str:
    """A string; the last where there are several, empty where there is none."""
    found = [str(value, "utf-8") for value in messages(message, number)]
    return found[-1] if found else ""


def whole_numbers(message: memoryview, number: int) -> list[int]:
    """Unsigned whole numbers, packed or one by one."""
    found = []
    for name, kind, value in fields(message):
        if name != number:
            continue
        if isinstance(value, int):
            found.append(value)
        elif kind == BYTES:
            at = 0
            while at < len(value):
                one, at = _varint(value, at)
                found.append(one)
    return found


def floats(message: memoryview, number: int, dtype: str = "<f4") -> np.ndarray:
    """Floating-point numbers, packed or one by one.

    Raises:
        ValueError: packed bytes that are no whole number of them.
    """
    single = FOUR_BYTES if dtype == "<f4" else EIGHT_BYTES
    parts = [
        value
        for name, kind, value in fields(message)
        if name == number and kind in (BYTES, single) and isinstance(value, memoryview)
    ]
    joined = parts[0] if len(parts) == 1 else b"".join(parts)
    return np.frombuffer(joined, dtype)


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A whole number of seven bits a byte, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise ValueError("it ends inside a number")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number has more than ten bytes")
