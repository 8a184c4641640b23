"""The only decoder and encoder of maps and pictures.

A map comes out as a two-dimensional array of the type it is stored in (uint8, uint16, float32,
float64). Whatever cannot mean a gray map is refused with a code (docs/problems.md) and a fix;
nothing in a file is ever executed, and a header that promises too many pixels is refused before
decoding.
"""

from __future__ import annotations

import io
import os
import struct
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from benchmark_kit.errors import KitError
from benchmark_kit.files import write_beside

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
ARRAYS = (".npy", ".mat")
SUFFIXES = (*PICTURES, *ARRAYS)
MOST_PIXELS = 2**28  # of any picture without a stated limit: 16384 x 16384
GRAY_MODES = {"L", "I;16", "I;16B", "I;16L", "I", "F"}


class DecodeError(KitError):
    """A file that cannot be taken as a map.

    Args:
        code: `E301` unreadable, `E302` not gray, `E303` not two-dimensional, `E204` turned by EXIF.
        found: what is wrong, in words.
        fix: what mends it.
    """

    def __init__(self, code: str, found: str, fix: str):
        self.code, self.found, self.fix = code, found, fix
        super().__init__(f"{code} {found}. Fix: {fix}")


@dataclass(frozen=True)
class MapInfo:
    """What a file's header says of a map.

    Args:
        size: (height, width).
        stored_as: type and container in words, for instance `"uint8 png"`.
    """

    size: tuple[int, int]
    stored_as: str


Source = Path | tuple[str, bytes]  # a file, or a name with its bytes (a member of an archive)


def decoder_name() -> str:
    """Name and version of the decoder, for provenance: JPEG pixels depend on it."""
    from PIL import __version__

    return f"Pillow {__version__}"


def read_map(source: Source, *, most_pixels: int = MOST_PIXELS) -> np.ndarray:
    """Decode a map.

    Args:
        source: a path, or (name, bytes).
        most_pixels: larger images are refused before they are decoded.

    Returns:
        C-contiguous array (height, width), native byte order: uint8, uint16, float32 or float64.

    Raises:
        DecodeError: not readable, not gray, or not two-dimensional.
    """
    kind = suffix_of(source)
    if kind == ".npy":
        return plain_array(_read_npy(source, most_pixels))
    if kind == ".mat":
        return plain_array(_read_mat(source))
    with _picture(source, most_pixels) as picture:
        _refuse_turned(picture)
        try:
            if picture.mode in GRAY_MODES:
                return _gray_array(picture)
            return _gray_of_colours(picture)
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise _unreadable(error) from None


def inspect_map(source: Source, *, most_pixels: int = MOST_PIXELS) -> MapInfo:
    """Size and type of a map from its header, without decoding pixels.

    Raises:
        DecodeError: as `read_map`, as far as the header tells.
    """
    kind = suffix_of(source)
    if kind == ".npy":
        shape, dtype = _npy_header(source, most_pixels)
        _check_real(dtype)
        size = _two_axes(shape)
        return MapInfo(size, f"{dtype.name} npy")
    if kind == ".mat":
        array = plain_array(_read_mat(source))
        return MapInfo(_two_axes(array.shape), f"{array.dtype.name} mat")
    if kind == ".png" and isinstance(source, Path):
        quick = _png_header(source)
        if quick is not None and quick.size[0] * quick.size[1] <= most_pixels:
            return quick
    with _picture(source, most_pixels) as picture:
        _refuse_turned(picture)
        if picture.mode in ("1", "CMYK"):
            raise _not_gray(picture.mode)
        depth = (
            "uint16"
            if picture.mode.startswith("I")
            else "float32"
            if picture.mode == "F"
            else "uint8"
        )
        return MapInfo((picture.height, picture.width), f"{depth} {(picture.format or '').lower()}")


def image_size(path: Path) -> tuple[int, int]:
    """(height, width) of a picture as stored: an EXIF orientation does not turn it.

    Raises:
        DecodeError: no readable picture.
    """
    with _picture(path, MOST_PIXELS) as picture:
        return picture.height, picture.width


def read_stimulus(path: Path) -> np.ndarray:
    """A picture as uint8 (height, width, 3) RGB; an EXIF orientation does not turn it.

    Raises:
        DecodeError: no readable picture.
    """
    with _picture(path, MOST_PIXELS) as picture:
        try:
            return np.asarray(picture.convert("RGB"))
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise _unreadable(error) from None


def suffix_of(source: Source) -> str:
    """Extension in lower case."""
    name = source.name if isinstance(source, Path) else source[0]
    return os.path.splitext(name)[1].lower()


def _open(source: Source) -> BinaryIO:
    if isinstance(source, Path):
        try:
            return open(source, "rb")
        except OSError as error:
            text = f"cannot be opened ({error.strerror})"
            raise DecodeError("E301", text, "check the file and its rights") from None
    return io.BytesIO(source[1])


@contextmanager
def _picture(source: Source, most_pixels: int) -> Iterator[Image.Image]:
    """An opened picture whose header has been checked; its file is closed at the end."""
    with _open(source) as file:
        try:
            with warnings.catch_warnings():
                # the limit below is stricter and comes as an error with a fix
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                picture = Image.open(file)
        except Image.DecompressionBombError:
            raise _bomb("too many", most_pixels) from None
        except UnidentifiedImageError:
            text = "no readable image (damaged, empty or another type)"
            raise DecodeError("E301", text, REWRITE) from None
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise _unreadable(error) from None
        if picture.width * picture.height > most_pixels:
            raise _bomb(f"{picture.width}x{picture.height}", most_pixels)
        yield picture


REWRITE = "write the file again"


def _bomb(found: str, most_pixels: int) -> DecodeError:
    text = f"the header promises {found} pixels, at most {most_pixels} can belong here"
    return DecodeError("E301", text, REWRITE)


def _unreadable(error: BaseException) -> DecodeError:
    return DecodeError("E301", f"unreadable ({error})", REWRITE)


def _not_gray(mode: str) -> DecodeError:
    what = {"1": "1 bit (two levels)", "CMYK": "CMYK"}.get(mode, f"colour ({mode})")
    return DecodeError("E302", f"{what} instead of gray", "save gray maps, before any colour map")


def _refuse_turned(picture: Image.Image) -> None:
    # only these two carry it in practice, and reading EXIF of a PNG may decode the file
    if picture.format in ("JPEG", "TIFF", "MPO"):
        orientation = picture.getexif().get(0x0112, 1)
        if orientation not in (0, 1):
            text = f"EXIF orientation {orientation}: boards do not apply it"
            raise DecodeError("E204", text, "save the map upright, without the tag")


def _png_header(path: Path) -> MapInfo | None:
    """Size and depth of a gray PNG from its first bytes: thousands of headers in a blink."""
    try:
        with open(path, "rb", buffering=0) as file:
            head = file.read(26)
    except OSError:
        return None  # the decoder says what is wrong
    if len(head) < 26 or head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
        return None
    width, height, depth, colour = struct.unpack(">IIBB", head[16:26])
    if colour != 0 or depth not in (8, 16):
        return None
    return MapInfo((height, width), f"uint{depth} png")


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


def _npy_header(source: Source, most_pixels: int) -> tuple[tuple[int, ...], np.dtype]:
    with _open(source) as file:
        return _read_npy_header(file, most_pixels)


def _read_npy_header(file: BinaryIO, most_pixels: int) -> tuple[tuple[int, ...], np.dtype]:
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0
        if version > (1, 0):
            read = np.lib.format.read_array_header_2_0
        shape, _, dtype = read(file)
    except (ValueError, EOFError, OSError) as error:
        raise _unreadable(error) from None
    if dtype.hasobject:
        text = "pickled Python objects, which are never loaded"
        raise DecodeError("E303", text, "save one plain 2-D array of floats")
    if int(np.prod(shape, dtype=np.float64)) > most_pixels:
        raise _bomb("x".join(map(str, shape)), most_pixels)
    return shape, dtype


def _read_npy(source: Source, most_pixels: int) -> np.ndarray:
    with _open(source) as file:
        _read_npy_header(file, most_pixels)
        file.seek(0)
        try:
            return np.load(file, allow_pickle=False)
        except (ValueError, EOFError, OSError) as error:
            raise _unreadable(error) from None


def _read_mat(source: Source) -> np.ndarray:
    from benchmark_kit.imaging.matlab import MatFileError, load_mat, stored_numbers

    try:
        if isinstance(source, Path):
            variables = load_mat(source)
        else:
            with tempfile.NamedTemporaryFile(suffix=".mat") as file:
                file.write(source[1])
                file.flush()
                variables = load_mat(Path(file.name))
        if len(variables) != 1:
            names = ", ".join(sorted(variables)) or "none"
            raise DecodeError(
                "E303", f"variables {names} instead of one", "save one 2-D array a file"
            )
        return stored_numbers(next(iter(variables.values())))
    except MatFileError as error:
        raise _unreadable(error) from None


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
    low, high = values.min(), values.max()
    if levels == 8:
        scale = (values - low) / (high - low) if high > low else np.zeros_like(values)
        return np.ceil(scale * 255).astype(np.uint8)
    if levels != 16:
        raise ValueError(f"levels must be 8 or 16, got {levels}")
    shifted = values - min(low, 0.0)
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
