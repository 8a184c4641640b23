"""The header of a TIFF: which kind of picture its first page is, read before Pillow reads it.

Pillow takes some kinds for others without a word: 16-bit colours are cut to 8 bits, "white is zero"
is turned around in 8 bits only, signed bytes and unsigned 32-bit numbers come out as other numbers.
It also applies the orientation. TIFF 6.0, section 8; BigTIFF has wider fields.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
FILL_ORDER, ORIENTATION, SAMPLES, TILE_WIDTH, TILE_HEIGHT = 266, 274, 277, 322, 323
EXTRA, SAMPLE_FORMAT = 338, 339
DEFAULTS = {
    SUBFILE: (0,),
    BITS: (1,),
    COMPRESSION: (1,),
    FILL_ORDER: (1,),
    ORIENTATION: (1,),
    SAMPLES: (1,),
    EXTRA: (),
    SAMPLE_FORMAT: (1,),
}
WANTED = {*DEFAULTS, WIDTH, HEIGHT, PHOTOMETRIC, TILE_WIDTH, TILE_HEIGHT}
SHORT, LONG, LONG8 = 3, 4, 16
LENGTHS = {SHORT: 2, LONG: 4, LONG8: 8}
MOST_TAGS, MOST_VALUES, MOST_PAGES = 4096, 16, 64
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, YCBCR = 0, 1, 2, 3, 6
JPEG = 7
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
NUMBERS = {UNSIGNED: "unsigned integers", SIGNED: "signed integers", FLOAT: "floats"}
PLANES = {WHITE_IS_ZERO: "gray, white is zero", BLACK_IS_ZERO: "gray", RGB: "RGB", 3: "a palette"}
PLANES |= {4: "a mask", 5: "CMYK", YCBCR: "YCbCr", 8: "Lab", 9: "Lab", 10: "Lab"}
# what Pillow gives out as it is stored: photometric, kind of numbers, bits of every sample
EXACT = {
    *((white, UNSIGNED, (bits,)) for white in (0, 1) for bits in (1, 2, 4, 8)),
    (BLACK_IS_ZERO, UNSIGNED, (16,)),
    (BLACK_IS_ZERO, SIGNED, (16,)),
    (BLACK_IS_ZERO, SIGNED, (32,)),
    (BLACK_IS_ZERO, FLOAT, (32,)),
    (BLACK_IS_ZERO, UNSIGNED, (8, 8)),
    *((RGB, UNSIGNED, (8,) * count) for count in (3, 4)),
    *((PALETTE, UNSIGNED, (bits,)) for bits in (1, 2, 4, 8)),
    (PALETTE, UNSIGNED, (8, 8)),
}
PREMULTIPLIED = 1  # alpha that the colours are multiplied by, which rounding has lost


@dataclass(frozen=True)
class TiffHead:
    """What a first page's header says.

    Args:
        size: (height, width) as stored.
        orientation: 1 to 8.
        orientation_at: place of that number's bytes in the file, and its format; None without one.
        bits: of every sample.
        signed: the values are integers with a sign.
        refused: why it is not read, in words; empty if it is.
    """

    size: tuple[int, int]
    orientation: int
    orientation_at: tuple[int, str] | None
    bits: tuple[int, ...]
    signed: bool
    refused: str


def read_head(file: BinaryIO, largest_tile: int) -> TiffHead:
    """The header of a TIFF that is open at its beginning.

    Args:
        file: the file.
        largest_tile: bytes that a tile may have.

    Raises:
        ValueError: a header that ends early, or states nothing sensible.
    """
    start = file.read(16)
    order = {b"II": "<", b"MM": ">"}[start[:2]]
    (version,) = struct.unpack_from(f"{order}H", start, 2)
    if version not in (42, 43):
        raise ValueError(f"version {version} of TIFF")
    big = version == 43
    (first,) = struct.unpack_from(f"{order}{'Q' if big else 'I'}", start, 8 if big else 4)
    tags, places, following = _page(file, order, big, first)
    if WIDTH not in tags or HEIGHT not in tags or PHOTOMETRIC not in tags:
        raise ValueError("a header without size or kind of the picture")
    size = (tags[HEIGHT][0], tags[WIDTH][0])
    if min(size) < 1:
        raise ValueError(f"a picture of {size[1]}x{size[0]} pixels")
    bits = tags[BITS] * tags[SAMPLES][0] if len(tags[BITS]) == 1 else tags[BITS]
    orientation = tags[ORIENTATION][0]
    known = orientation if orientation in range(1, 9) else 1
    refused = _refusal(tags, bits) or _pages(file, order, big, following, first)
    if TILE_WIDTH in tags and TILE_HEIGHT in tags:
        tile = tags[TILE_WIDTH][0] * tags[TILE_HEIGHT][0] * max(1, sum(bits) // 8)
        if tile > max(largest_tile, 2**24):
            raise ValueError(f"tiles of {tile} bytes")
    signed = SIGNED in tags[SAMPLE_FORMAT]
    return TiffHead(size, known, places.get(ORIENTATION), bits, signed, refused)


def _refusal(tags: dict[int, tuple[int, ...]], bits: tuple[int, ...]) -> str:
    photometric, numbers = tags[PHOTOMETRIC][0], set(tags[SAMPLE_FORMAT])
    what = PLANES.get(photometric, f"kind {photometric}")
    kinds = " and ".join(NUMBERS.get(one, "other numbers") for one in sorted(numbers))
    told = f"TIFF of {max(bits)}-bit {kinds} ({what})"
    if photometric == YCBCR and tags[COMPRESSION][0] == JPEG and bits == (8, 8, 8):
        return ""
    if len(numbers) != 1 or (photometric, *numbers, bits) not in EXACT:
        return told
    if tags[FILL_ORDER][0] != 1:
        return f"{told} with reversed bits"
    if PREMULTIPLIED in tags[EXTRA]:
        return f"{told} that is multiplied by its transparency"
    return ""


def _pages(file: BinaryIO, order: str, big: bool, at: int, first: int) -> str:
    """A second page that is more than a thumbnail, in words."""
    seen = {first}
    while at:
        if at in seen or len(seen) > MOST_PAGES:
            raise ValueError("pages that go round in a circle, or too many")
        seen.add(at)
        tags, _, at = _page(file, order, big, at)
        if not tags[SUBFILE][0] & 1:
            return "TIFF of several pages"
    return ""


def _page(
    file: BinaryIO, order: str, big: bool, at: int
) -> tuple[dict[int, tuple[int, ...]], dict[int, tuple[int, str]], int]:
    """The wanted tags of a page, where single numbers lie, and where the next page is."""
    counter, entry, wide = ("Q", "HHQ", 8) if big else ("H", "HHI", 4)
    file.seek(at)
    (count,) = struct.unpack(f"{order}{counter}", _exactly(file, struct.calcsize(counter)))
    if count > MOST_TAGS:
        raise ValueError(f"{count} tags")
    step = 4 + 2 * wide
    table = _exactly(file, count * step)
    (following,) = struct.unpack(f"{order}{'Q' if big else 'I'}", _exactly(file, wide))
    begin = at + struct.calcsize(counter)
    tags: dict[int, tuple[int, ...]] = dict(DEFAULTS)
    places: dict[int, tuple[int, str]] = {}
    for k in range(count):
        tag, kind, number = struct.unpack_from(f"{order}{entry}", table, k * step)
        if tag not in WANTED or kind not in LENGTHS or not number:
            continue
        letter = {SHORT: "H", LONG: "I", LONG8: "Q"}[kind]
        number = min(number, MOST_VALUES)
        place = begin + k * step + 4 + wide
        if number * LENGTHS[kind] > wide:
            (place,) = struct.unpack_from(
                f"{order}{'Q' if big else 'I'}", table, k * step + 4 + wide
            )
        file.seek(place)
        raw = _exactly(file, number * LENGTHS[kind])
        tags[tag] = struct.unpack(f"{order}{number}{letter}", raw)
        places[tag] = (place, f"{order}{letter}")
    return tags, places, following


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise ValueError("it ends inside its header")
    return data
