"""Maps and pictures as arrays: the only reader and writer of them.

A map comes out as a two-dimensional array of the type it is stored in (uint8, uint16, float32,
float64), a picture as uint8 RGB. Whatever cannot mean a gray map, or would not come out exactly, is
refused with a code (docs/problems.md) and a fix; nothing in a file is ever executed, and a header
that promises too many pixels is refused before decoding.
"""

from __future__ import annotations

import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.npy import NpyHeader, read_header, read_values
from benchmark_kit.errors import InputError
from benchmark_kit.files import write_beside
from benchmark_kit.imaging import wide_integers
from benchmark_kit.imaging._fast_png import fast_pixels
from benchmark_kit.imaging.decoder import (
    MOST_PIXELS,
    PNG_SIGNATURE,
    REWRITE,
    DecodeError,
    Opened,
    Source,
    TooManyPixels,
    named,
    open_picture,
    open_source,
    orientation_of,
)
from benchmark_kit.imaging.eight_bits import eight_bits
from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.imaging.orientation import UPRIGHT, upright

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
ARRAYS = (".npy", ".mat")
SUFFIXES = (*PICTURES, *ARRAYS)
MOST_STIMULUS = 2**27  # pixels; its colours, their copy and the file's own take 1 GB
MOST_DEEP = 2**25  # of 16 bits and floats, whose arithmetic takes more
BYTES_A_PIXEL = 16  # of the fattest stored map: float64 with room for a header
GRAY_MODES = {"L", "I;16", "I;16B", "I;16L", "I", "F"}


@dataclass(frozen=True)
class MapInfo:
    """What a file's header says of a map.

    Args:
        size: (height, width).
        dtype: type of the stored values, by name; empty where nothing is stored.
        container: what holds them, for instance `"png"`.
    """

    size: tuple[int, int]
    dtype: str
    container: str

    @property
    def stored_as(self) -> str:
        """Type and container in words, for instance `"uint8 png"`."""
        return f"{self.dtype} {self.container}".strip()


def decoder_name() -> str:
    """Name and version of the decoder, for provenance: JPEG pixels depend on it."""
    from PIL import __version__

    return f"Pillow {__version__}"


def read_map(
    source: Source, *, most_pixels: int = MOST_PIXELS, two_levels: bool = False
) -> np.ndarray:
    """Decode a map.

    Args:
        source: a path, or (name, bytes).
        most_pixels: larger images are refused before they are decoded.
        two_levels: a picture of 1 bit is a map too, as binary maps are.

    Returns:
        C-contiguous array (height, width), native byte order: uint8, uint16, float32 or float64.

    Raises:
        DecodeError: not readable, not read exactly, not gray, or not two-dimensional.
    """
    kind = suffix_of(source)
    if kind in ARRAYS:
        read = _read_npy if kind == ".npy" else _read_mat
        with named(source):
            return plain_array(read(source, most_pixels))
    with open_picture(source, most_pixels) as opened:
        _refuse_turned(opened)
        if opened.picture.mode == "CMYK":
            raise _not_gray("CMYK")
        opened.check()
        if opened.picture.mode in GRAY_MODES:
            pixels = fast_pixels(opened)
            return _gray_array(opened.picture) if pixels is None else pixels
        if two_levels and opened.picture.mode == "1":
            return np.asarray(opened.picture).astype(np.uint8)
        return _gray_of_colours(opened.picture)


def inspect_map(source: Source, *, most_pixels: int = MOST_PIXELS) -> MapInfo:
    """Size and type of a map from its header, without decoding pixels.

    Raises:
        DecodeError: as `read_map`, as far as the header tells.
    """
    kind = suffix_of(source)
    if kind == ".npy":
        with named(source):
            header = npy_header(source, most_pixels)
            _check_real(header.dtype)
            return MapInfo(_two_axes(header.shape), header.dtype.name, "npy")
    if kind == ".mat":
        with named(source):
            array = plain_array(_read_mat(source, most_pixels))
            return MapInfo(_two_axes(array.shape), array.dtype.name, "mat")
    if kind == ".png" and isinstance(source, Path):
        quick = _png_header(source)
        if quick is not None and quick.size[0] * quick.size[1] <= most_pixels:
            return quick
    with open_picture(source, most_pixels) as opened:
        _refuse_turned(opened)
        picture = opened.picture
        if picture.mode in ("1", "CMYK"):
            raise _not_gray(picture.mode)
        opened.check()
        depth = "float32" if picture.mode == "F" else "uint8"
        if picture.mode.startswith("I"):
            depth = f"int{opened.bits}" if opened.signed else "uint16"
        return MapInfo(opened.size, depth, (picture.format or "").lower())


def image_size(path: Path, *, most_pixels: int = MOST_PIXELS) -> tuple[int, int]:
    """(height, width) of a picture as stored: an EXIF orientation does not turn it.

    Raises:
        DecodeError: no readable picture.
        TooManyPixels: more than allowed.
    """
    with open_picture(path, most_pixels) as opened:
        return opened.size


def image_orientation(path: Path) -> int:
    """EXIF orientation of a picture, 1 (upright) to 8.

    Raises:
        DecodeError: no readable picture.
    """
    with open_picture(path) as opened:
        return orientation_of(opened)


def as_stored(path: Path) -> Path | np.ndarray:
    """A picture for a model whose map must fit the stored grid.

    Models turn a file as its EXIF orientation says; such a picture is handed over as pixels.

    Returns:
        the path itself, or uint8 (height, width, 3) where the file is turned.

    Raises:
        DecodeError: a turned picture that cannot be read.
    """
    try:
        if image_orientation(path) == UPRIGHT:
            return path
    except DecodeError:
        return path  # the model says what is wrong with it
    return read_stimulus(path)


def read_stimulus(path: Path, *, turned: bool = False) -> np.ndarray:
    """A picture as uint8 (height, width, 3) RGB.

    16 bits are divided by 257 and rounded; floats count as 0..1 where none is larger, else as
    0..255. Alpha is left out, colour profiles are not applied.

    Args:
        path: the file.
        turned: apply an EXIF orientation, as a person's photograph is meant to be seen; else the
            stored grid comes out, which benchmarks and tables of fixations refer to.

    Raises:
        DecodeError: no readable picture, or one whose pixels would not come out as stored.
    """
    with open_picture(path, MOST_STIMULUS) as opened:
        if opened.picture.mode == "CMYK":
            text = "CMYK, whose colours on a screen depend on a profile"
            raise DecodeError("E302", text, "save it as RGB")
        opened.check()
        pixels = _rgb(opened)
        orientation = orientation_of(opened) if turned else UPRIGHT
        return upright(pixels, orientation)


def _rgb(opened: Opened) -> np.ndarray:
    picture = opened.picture
    if picture.mode == "P":  # straight to RGB, Pillow warns of transparent colours of a palette
        picture = picture.convert("RGBA")
    if picture.mode != "F" and not picture.mode.startswith("I"):
        return np.asarray(picture.convert("RGB"))
    if opened.size[0] * opened.size[1] > MOST_DEEP:
        raise TooManyPixels(f"{opened.size[1]}x{opened.size[0]}", MOST_DEEP)
    values = np.asarray(picture)
    if picture.mode != "F":
        if opened.bits != 16 or opened.signed:
            text = "a picture of integers whose white is not known"
            raise DecodeError("E302", text, "save 8 bits, or 16 bits unsigned")
        values = ((values.astype(np.int64) + 128) // 257).astype(np.uint8)
    try:
        gray = eight_bits(values)
    except InputError as error:
        raise DecodeError("E302", str(error), "save 8 bits") from None
    return np.repeat(gray[..., None], 3, axis=2)


def suffix_of(source: Source) -> str:
    """Extension in lower case."""
    name = source.name if isinstance(source, Path) else source[0]
    return os.path.splitext(name)[1].lower()


def _not_gray(mode: str) -> DecodeError:
    what = {"1": "1 bit (two levels)", "CMYK": "CMYK"}.get(mode, f"colour ({mode})")
    return DecodeError("E302", f"{what} instead of gray", "save gray maps, before any colour map")


def _refuse_turned(opened: Opened) -> None:
    # only these carry it in practice, and reading EXIF of a PNG may decode the file
    if opened.picture.format in ("JPEG", "TIFF", "MPO"):
        orientation = orientation_of(opened)
        if orientation != UPRIGHT:
            text = f"EXIF orientation {orientation}: boards do not apply it"
            raise DecodeError("E204", text, "save the map upright, without the tag")


def _png_header(path: Path) -> MapInfo | None:
    """Size and depth of a gray PNG from its first bytes: thousands of headers in a blink."""
    try:
        with open(path, "rb", buffering=0) as file:
            head = file.read(26)
    except OSError:
        return None  # the decoder says what is wrong
    if len(head) < 26 or head[:8] != PNG_SIGNATURE or head[12:16] != b"IHDR":
        return None
    width, height, depth, colour = struct.unpack(">IIBB", head[16:26])
    if colour != 0 or depth not in (8, 16):
        return None
    return MapInfo((height, width), f"uint{depth}", "png")


def _gray_array(picture: Image.Image) -> np.ndarray:
    if picture.mode == "L":
        return np.asarray(picture)
    array = np.asarray(picture)
    if picture.mode == "F":
        return array.astype(np.float32, copy=False)
    if picture.mode == "I" and (array.min() < 0 or array.max() > 65535):
        return array.astype(np.float64)
    return array.astype(np.uint16)


def _gray_of_colours(picture: Image.Image) -> np.ndarray:
    mode = picture.mode
    if mode in ("1", "CMYK", "YCbCr", "LAB", "HSV"):
        raise _not_gray(mode)
    if mode == "P":
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    array = np.asarray(picture)
    if picture.mode in ("LA", "RGBA", "PA", "La", "RGBa"):
        if array[..., -1].min() != array[..., -1].max():
            text = "transparency that is not constant"
            raise DecodeError("E302", text, "save gray maps without an alpha channel")
        array = array[..., :-1]
    if array.ndim == 3 and array.shape[2] == 3:
        if (array[..., 0] != array[..., 1]).any() or (array[..., 0] != array[..., 2]).any():
            raise _not_gray(mode)
    elif array.ndim == 3 and array.shape[2] != 1:
        raise _not_gray(mode)
    return np.ascontiguousarray(array[..., 0] if array.ndim == 3 else array)


def npy_header(source: Source, most_pixels: int) -> NpyHeader:
    """Shape and type of an array file, refused where it is no map's.

    Raises:
        DecodeError: no `.npy` file, pickled objects, or more values than allowed.
    """
    with open_source(source) as file:
        try:
            header = read_header(file, _name_of(source))
        except DamagedFile as error:
            raise _damaged(error) from None
    if header.dtype.hasobject:
        text = "pickled Python objects, which are never loaded"
        raise DecodeError("E303", text, "save one plain 2-D array of floats")
    if header.values > most_pixels:
        raise TooManyPixels("x".join(map(str, header.shape)), most_pixels)
    return header


def _read_npy(source: Source, most_pixels: int) -> np.ndarray:
    header = npy_header(source, most_pixels)
    with open_source(source) as file:
        try:
            return read_values(file, _name_of(source), header.nbytes)
        except DamagedFile as error:
            raise _damaged(error) from None


def _read_mat(source: Source, most_pixels: int) -> np.ndarray:
    from benchmark_kit.imaging.matlab import MatFileError, load_mat, stored_numbers

    most_bytes = most_pixels * BYTES_A_PIXEL + 2**20
    try:
        if isinstance(source, Path):
            variables = load_mat(source, most_bytes)
        else:
            with tempfile.NamedTemporaryFile(suffix=".mat") as file:
                file.write(source[1])
                file.flush()
                variables = load_mat(Path(file.name), most_bytes)
        if len(variables) != 1:
            names = ", ".join(sorted(variables)) or "none"
            raise DecodeError(
                "E303", f"variables {names} instead of one", "save one 2-D array a file"
            )
        return stored_numbers(next(iter(variables.values())))
    except MatFileError as error:
        raise DecodeError("E301", str(error), REWRITE) from None


def _name_of(source: Source) -> str:
    return str(source) if isinstance(source, Path) else source[0]


def _damaged(error: DamagedFile) -> DecodeError:
    return DecodeError("E301", error.reason, REWRITE)


def _check_real(dtype: np.dtype) -> None:
    if dtype.kind not in "biuf":
        text = f"values of type {dtype} instead of real numbers"
        raise DecodeError("E303", text, "save one 2-D array of floats")


def _two_axes(shape: tuple[int, ...]) -> tuple[int, int]:
    kept = tuple(side for side in shape if side != 1) if len(shape) > 2 else shape
    if len(kept) != 2 or 0 in kept:
        text = f"an array of shape {shape} instead of (height, width)"
        raise DecodeError("E303", text, "save one 2-D array of floats")
    return kept[0], kept[1]


def plain_array(array: np.ndarray) -> np.ndarray:
    """Any stored array as one of the four types that scoring knows."""
    _check_real(array.dtype)
    if array.ndim == 3 and array.shape[2] == 3:
        if (array[..., 0] != array[..., 1]).any() or (array[..., 0] != array[..., 2]).any():
            raise _not_gray("three different channels")
        array = array[..., 0]
    array = array.reshape(_two_axes(array.shape))
    if wide_integers.too_wide(array):
        raise DecodeError("E303", wide_integers.FOUND, wide_integers.FIX)
    native = array.dtype.newbyteorder("=")
    if native in (np.uint8, np.uint16, np.float32, np.float64):
        kept = native
    else:
        kept = np.dtype(np.float32 if native == np.float16 else np.float64)
    return np.ascontiguousarray(array, dtype=kept)


def quantise(values: np.ndarray, levels: int = 8) -> np.ndarray:
    """A float map in 8 or 16 bits, so that little is lost in scores (our choice).

    8 bits: ceiling of the min-max scaled map times 255, which keeps small values apart from true
    zeros. 16 bits: round of map over maximum times 65535, at least 1 where the map is above 0.
    A constant map becomes all zero in 8 bits; in 16 it keeps whether it was above 0.

    Args:
        values: finite array (height, width).
        levels: 8 or 16.

    Raises:
        ValueError: values that are not finite, or another number of bits.
    """
    values = np.asarray(values, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("a map with NaN or Inf cannot be stored in integers")
    if levels == 8:
        return np.ceil(min_max(values) * 255).astype(np.uint8)
    if levels != 16:
        raise ValueError(f"levels must be 8 or 16, got {levels}")
    shifted = values - min(values.min(), 0.0)
    top = shifted.max()
    scale = shifted / top if top > 0 else shifted
    return np.where(shifted > 0, np.maximum(1, np.round(scale * 65535)), 0).astype(np.uint16)


def write_png(path: Path, array: np.ndarray) -> None:
    """Write uint8 (height, width[, 3]) or uint16 (height, width) as PNG, beside, then rename.

    Raises:
        RunFailed: the folder cannot be written.
    """
    picture = Image.fromarray(array)
    write_beside(path, lambda file: picture.save(file, format="PNG", compress_level=3))


def write_npy(path: Path, array: np.ndarray) -> None:
    """Write an array as `.npy`, beside, then rename.

    Raises:
        RunFailed: the folder cannot be written.
    """
    write_beside(path, lambda file: np.save(file, array, allow_pickle=False))
