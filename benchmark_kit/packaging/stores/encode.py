"""One map -> the bytes that are sent: PNG of 8 or 16 bits, JPEG, `.npy`, or a packed HDF5 chunk.

    png8    ceiling of the min-max scaled map: small values stay apart from true zeros
    png16   at least 1 where the map is above 0, else round(65535 m / maximum): exact in every score
    npy     float32
    jpeg    quality 95, from the 8-bit ceiling
    hdf5    float32, deflated
    mat73   8-bit ceiling, stored column by column as MATLAB does, deflated

A map that already has the store's integer type goes in unchanged. Every map is decoded again right
here, and its largest distance from the source is kept: `packaging.readback` then only has to prove
that the finished file holds these pixels.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import numpy as np

from benchmark_kit.packaging.stores._chunks import packed

MEMBERS = {"png8": ".png", "png16": ".png", "npy": ".npy", "jpeg": ".jpg"}
TYPES = {
    "png8": np.uint8,
    "jpeg": np.uint8,
    "json2015": np.uint8,
    "mat73": np.uint8,
    "png16": np.uint16,
    "npy": np.float32,
    "hdf5": np.float32,
}
JPEG_QUALITY = 95
PNG_LEVEL = 6
# Largest distance from the source, in the store's own steps: the ceiling is off by less than one,
# and so is a small value that is lifted to 1. JPEG loses more in sharp maps; another image's map
# is off by nearly the full range.
ALLOWED = {"png8": 1.0, "png16": 1.0, "json2015": 1.0, "mat73": 1.0, "jpeg": 64.0}
ALLOWED_FLOAT = 2.0**-23  # of the largest absolute value
CROWDED = 0.5  # share of pixels on one level from which 16 bits are proposed (our choice)


@dataclass(frozen=True)
class Encoded:
    """A map ready to be written.

    Args:
        name: the image's name.
        member: path in the archive or key in the file.
        data: bytes of the member, or of a packed chunk.
        shape: axes of the stored array.
        dtype: type of the stored array, by name.
        pixels: digest of the decoded map (`digest_of`).
        error: largest distance between the decoded map and its source, in steps of an integer
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


def encode_map(name: str, member: str, values: np.ndarray, store: str) -> Encoded:
    """Encode one map and look at what came out.

    Args:
        name: the image's name.
        member: path in the archive or key in the file.
        values: finite array (height, width).
        store: one of `TYPES`.

    Raises:
        ValueError: NaN or Inf, or values beyond float32 in a float store.
    """
    stored = stored_array(values, store)
    if store in ("hdf5", "mat73"):
        kept = stored.T if store == "mat73" else stored
        data, decoded = packed(kept), stored
        shape = (kept.shape[0], kept.shape[1])
    else:
        data, shape = picture_bytes(stored, store), (stored.shape[0], stored.shape[1])
        decoded = decode(data, store)
    return Encoded(
        name,
        member,
        data,
        shape,
        stored.dtype.name,
        digest_of(decoded),
        _distance(values, decoded, store),
        crowded_share(values, stored),
    )


def stored_array(values: np.ndarray, store: str) -> np.ndarray:
    """The array of the store's type that stands for a map; never by truncation.

    Raises:
        ValueError: NaN or Inf, or values beyond float32 in a float store.
    """
    from benchmark_kit.imaging.images import quantise

    kind = np.dtype(TYPES[store])
    if values.dtype == kind and kind.kind == "u":
        return values
    if kind.kind == "u":
        return quantise(values, 8 * kind.itemsize)
    with np.errstate(over="ignore"):
        stored = values.astype(kind)
    if not np.isfinite(stored).all():
        raise ValueError("a map with NaN, Inf or values beyond float32 cannot be stored")
    return stored


def picture_bytes(stored: np.ndarray, store: str) -> bytes:
    """The bytes of a member: a whole PNG, JPEG or `.npy` file."""
    from PIL import Image

    buffer = io.BytesIO()
    if store == "npy":
        np.save(buffer, stored, allow_pickle=False)
    elif store == "jpeg":
        Image.fromarray(stored).save(buffer, format="JPEG", quality=JPEG_QUALITY)
    else:
        Image.fromarray(stored).save(buffer, format="PNG", compress_level=PNG_LEVEL)
    return buffer.getvalue()


def decode(data: bytes, store: str) -> np.ndarray:
    """A member's map by the kit's only decoder."""
    from benchmark_kit.imaging.images import read_map

    return read_map((f"map{MEMBERS.get(store, '.png')}", data))


def digest_of(pixels: np.ndarray) -> str:
    """SHA-256 over type, shape and values of a map: little-endian, row by row."""
    little = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<"))
    digest = hashlib.sha256(f"{pixels.dtype.name} {pixels.shape}\0".encode())
    digest.update(little.data)
    return digest.hexdigest()


def allowed_error(store: str) -> float:
    """Largest distance from the source that the store's rounding explains."""
    return ALLOWED.get(store, ALLOWED_FLOAT)


def crowded_share(values: np.ndarray, stored: np.ndarray) -> float:
    """Share of pixels that 8 bits put on level 1, where the ceiling gathers all small values.

    Level 0 holds true minima only, so its ties are the source's own.
    """
    if stored.dtype != np.uint8 or values.dtype == np.uint8:
        return 0.0
    return float((stored == 1).mean())


def _distance(values: np.ndarray, decoded: np.ndarray, store: str) -> float:
    source = values.astype(np.float64)
    if decoded.dtype.kind == "u" and values.dtype != decoded.dtype:
        low, high = source.min(), source.max()
        if decoded.dtype == np.uint8:
            source = 255 * (source - low) / (high - low) if high > low else np.zeros_like(source)
        else:
            source = source - min(low, 0.0)
            source = 65535 * source / source.max() if source.max() > 0 else source
    error = float(np.abs(decoded - source).max())
    if decoded.dtype.kind == "f" and error > 0:
        error /= float(np.abs(source).max())
    return error
