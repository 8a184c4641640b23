"""A way to store a submission as one record, and a map encoded for it.

A map that already has the store's integer type goes in unchanged. Of every map the pixels that the
file has to give back are kept as a digest, with their largest distance from the source (a JPEG is
decoded for that): `packaging.readback` then proves that the finished file gives just these pixels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import Problem
from benchmark_kit.maps.sources import MapSource
from benchmark_kit.packaging.checks.stimulus_facts import StimulusFacts

CROWDED = 0.5  # share of pixels on one level from which more bits are proposed (our choice)
ONE_STEP = 1.0
FLOAT_STEP = 2.0**-23  # of the largest absolute value


@dataclass(frozen=True)
class Encoded:
    """A map ready to be written.

    Args:
        name: the image's name.
        member: path in the archive or key in the file.
        data: bytes of the member, or of a packed chunk.
        shape: axes of the stored array.
        dtype: type of the stored array, by name.
        pixels: digest of the map that decoding has to give (`digest_of`).
        error: largest distance between that map and its source, in steps of an integer
            store, else relative to the map's largest absolute value.
        crowded: share of pixels that storing put together on the level above the lowest; 0 where
            nothing was rounded.
    """

    name: str
    member: str
    data: bytes
    shape: tuple[int, int]
    dtype: str
    pixels: str
    error: float
    crowded: float


@dataclass(frozen=True)
class Form:
    """How the names of opened predictions are to be judged.

    Args:
        name: what it is, for messages and tests.
        files: files or members, which boards find by the end of their names.
        keyed: keys, which boards look up whole.
        numbered: numbers of images in place of names.
    """

    name: str
    files: bool = False
    keyed: bool = False
    numbered: bool = False


@dataclass(frozen=True)
class Opened:
    """A store's own file, opened.

    Args:
        source: its maps.
        problems: what is wrong with the file.
        keep: what has to live as long as the maps are read.
    """

    source: MapSource
    problems: tuple[Problem, ...] = ()
    keep: Any = None


@dataclass(frozen=True)
class Reader:
    """How a file is opened that no other reader knows.

    Args:
        form: of its predictions.
        knows: whether a file is one of these.
        open: the file and the image list's names (may be empty) -> its maps.
        unlike: what a file is that has the right ending and is none of these; empty: not said.
    """

    form: Form
    knows: Callable[[Path], bool]
    open: Callable[[Path, Sequence[str]], Opened]
    unlike: str = ""


def by_member(one: Encoded) -> str:
    """A map's place in the opened file is its member."""
    return one.member


@dataclass(frozen=True)
class Store:
    """One way to store a submission.

    Args:
        name: what `--store` and boards call it.
        dtype: type of the stored maps.
        extensions: of the file that is sent, the usual one first.
        encode: a map of the store's type -> bytes, stored shape, and the map that they hold.
        member: (image, its place among the images, the model's name) -> path or key in the file;
            the file holds them in the order of these.
        write: writes maps in the order they come; member -> digest of its bytes or values.
        allowed: largest distance from the source that rounding explains, in steps of an integer
            store, else relative to the largest absolute value.
        bytes_a_pixel: typical, of smooth maps: enough to see beforehand that a disk is too small.
        reader: how its file is opened where the general readers do not know it.
        place: of a map in the opened file.
        ordered: the file names no images: the list's order counts.
        named_inside: the model's name stands inside the file.
        file_name: the only name that the board takes; empty: any.
        top_folder: one folder stands around all members.
        depth: bits of a PNG, which `--depth` asks for; None: it does not.
        deeper: the store of the same kind with more levels.
    """

    name: str
    dtype: type
    extensions: tuple[str, ...]
    encode: Callable[[np.ndarray], tuple[bytes, tuple[int, int], np.ndarray]]
    member: Callable[[StimulusFacts, int, str], str]
    write: Callable[[Path, Iterable[Encoded]], dict[str, str]]
    allowed: float
    bytes_a_pixel: float = 0.1
    reader: Reader | None = None
    place: Callable[[Encoded], str] = by_member
    ordered: bool = False
    named_inside: bool = False
    file_name: str = ""
    top_folder: bool = False
    depth: int | None = None
    deeper: str | None = None


def encode_map(name: str, member: str, values: np.ndarray, store: Store) -> Encoded:
    """Encode one map and look at what came out.

    Args:
        name: the image's name.
        member: path in the archive or key in the file.
        values: finite array (height, width).
        store: how.

    Raises:
        ValueError: NaN or Inf, or values beyond float32 in a float store.
    """
    stored = stored_array(values, store)
    data, shape, decoded = store.encode(stored)
    return Encoded(
        name,
        member,
        data,
        shape,
        stored.dtype.name,
        digest_of(decoded),
        _distance(values, decoded),
        crowded_share(values, stored),
    )


def stored_array(values: np.ndarray, store: Store) -> np.ndarray:
    """The array of the store's type that stands for a map; never by truncation.

    Raises:
        ValueError: NaN or Inf, or values beyond float32 in a float store.
    """
    from benchmark_kit.imaging.images import quantise

    kind = np.dtype(store.dtype)
    if values.dtype == kind and kind.kind == "u":
        return values
    if kind.kind == "u":
        return quantise(values, 8 * kind.itemsize)
    with np.errstate(over="ignore"):
        stored = values.astype(kind)
    if not np.isfinite(stored).all():
        raise ValueError("a map with NaN, Inf or values beyond float32 cannot be stored")
    return stored


def digest_of(pixels: np.ndarray) -> str:
    """SHA-256 over type, shape and values of a map: little-endian, row by row."""
    little = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<"))
    digest = hashlib.sha256(f"{pixels.dtype.name} {pixels.shape}\0".encode())
    digest.update(little.data)
    return digest.hexdigest()


def crowded_share(values: np.ndarray, stored: np.ndarray) -> float:
    """Share of pixels that 8 bits put on level 1, where the ceiling gathers all small values.

    Level 0 holds true minima only, so its ties are the source's own.
    """
    if stored.dtype != np.uint8 or values.dtype == np.uint8:
        return 0.0
    return float((stored == 1).mean())


def _distance(values: np.ndarray, decoded: np.ndarray) -> float:
    if decoded is values:
        return 0.0
    away = values.astype(np.float64)  # the source, scaled and subtracted in place
    largest = float(np.abs(away).max()) if decoded.dtype.kind == "f" else 1.0
    if decoded.dtype.kind == "u" and values.dtype != decoded.dtype:
        low, high = away.min(), away.max()
        away -= low if decoded.dtype == np.uint8 else min(low, 0.0)
        top = high - low if decoded.dtype == np.uint8 else away.max()
        away *= np.iinfo(decoded.dtype).max
        if top > 0:
            away /= top
    np.subtract(decoded, away, out=away)
    error = float(np.abs(away, out=away).max())
    return error / largest if error > 0 else error
