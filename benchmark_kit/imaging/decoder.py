"""The door of pictures: what comes through is known to come out exactly as it is stored.

A picture's own header is looked at before Pillow opens it, because Pillow reads some kinds as other
numbers without a word. A kind that is not in the tables here or in `_tiff.EXACT` is refused by its
name.
"""

from __future__ import annotations

import io
import os
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, UnidentifiedImageError

from benchmark_kit.containers.damage import one_line
from benchmark_kit.errors import KitError
from benchmark_kit.imaging._tiff import TiffHead, read_head
from benchmark_kit.imaging.orientation import TAG, UPRIGHT

Source = Path | tuple[str, bytes]  # a file, or a name with its bytes (a member of an archive)

MOST_PIXELS = 2**28  # of any picture without a stated limit: 16384 x 16384
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
ANIMATED = ("PNG", "GIF", "WEBP")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# colour type -> depths that come out whole
PNG_EXACT = {0: (1, 2, 4, 8, 16), 2: (8,), 3: (1, 2, 4, 8), 4: (8,), 6: (8,)}
PNG_KINDS = {0: "gray", 2: "RGB", 3: "palette", 4: "gray with alpha", 6: "RGB with alpha"}
# Pillow's modes that mean what is stored; the others depend on profiles or are conversions
EXACT_MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16", "I;16B", "I;16L", "I", "F"}
REWRITE = "write the file again"
SAVE_PLAIN = "save 8-bit gray or RGB, 16-bit gray PNG, float32 TIFF or .npy"

_opening = threading.Lock()  # Python's warning filters belong to all threads


class DecodeError(KitError):
    """A file that cannot be taken as a map.

    Args:
        code: `E301` unreadable, `E302` not gray, `E303` not two-dimensional, `E204` turned by EXIF.
        found: what is wrong, in words.
        fix: what mends it.

    Attributes:
        where: the file, once it is known; it stands before the message.
    """

    where = ""

    def __init__(self, code: str, found: str, fix: str):
        self.code, self.found, self.fix = code, found, fix
        super().__init__(code, found, fix)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.code} {self.found}. Fix: {self.fix}"


class TooManyPixels(DecodeError):
    """A header that promises more than can be."""

    def __init__(self, found: str, most_pixels: int):
        text = f"the header promises {found} pixels, at most {most_pixels} can belong here"
        super().__init__("E301", text, REWRITE)

    def __reduce__(self) -> Any:
        return DecodeError, (self.code, self.found, self.fix)


@dataclass(frozen=True)
class Opened:
    """A picture whose header has been looked at; nothing is decoded yet.

    Args:
        picture: as Pillow has it, never turned.
        file: that Pillow reads from.
        size: (height, width) as stored.
        bits: of a sample, where the header tells, else 8.
        signed: its values are integers with a sign.
        orientation: of a TIFF, 1 to 8; of other pictures None: `orientation_of` reads it.
        refused: why its pixels are not read, in words; empty if they are.
    """

    picture: Image.Image
    file: BinaryIO
    size: tuple[int, int]
    bits: int
    signed: bool
    orientation: int | None
    refused: str

    def check(self) -> None:
        """Refuse pixels that would not come out as they are stored.

        Raises:
            DecodeError: E302, with the way out.
        """
        if self.refused:
            raise DecodeError("E302", f"{self.refused}, which is not read exactly", SAVE_PLAIN)


@contextmanager
def open_picture(source: Source, most_pixels: int = MOST_PIXELS) -> Iterator[Opened]:
    """A picture to decode; whatever goes wrong inside is turned into one kind of error.

    Raises:
        DecodeError: no picture, a damaged one, or one of more pixels than allowed.
    """
    with named(source), open_source(source) as file:
        try:
            yield _opened(file, most_pixels)
        except KitError:
            raise
        except Exception as error:  # Pillow answers damaged files with a dozen kinds of exceptions
            raise unreadable(error) from None


@contextmanager
def named(source: Source) -> Iterator[None]:
    """Inside, a `DecodeError` gets the name of the file."""
    try:
        yield
    except DecodeError as error:
        error.where = error.where or (str(source) if isinstance(source, Path) else source[0])
        raise


def open_source(source: Source) -> BinaryIO:
    """The bytes of a source.

    Raises:
        DecodeError: a file that cannot be opened.
    """
    if isinstance(source, Path):
        try:
            return open(source, "rb")
        except OSError as error:
            text = f"cannot be opened ({error.strerror})"
            raise DecodeError("E301", text, "check the file and its rights") from None
    return io.BytesIO(source[1])


def unreadable(error: BaseException) -> DecodeError:
    """E301 with what a library said."""
    return DecodeError("E301", f"unreadable ({one_line(error)})", REWRITE)


def orientation_of(opened: Opened) -> int:
    """EXIF orientation of an opened picture, 1 to 8; a damaged EXIF counts as none."""
    picture = opened.picture
    if opened.orientation is not None:
        return opened.orientation
    try:
        # Pillow would decode a whole PNG to look for what few have
        if picture.format == "PNG" and "exif" not in picture.info and not _png_exif(opened.file):
            return UPRIGHT
        found = picture.getexif().get(TAG, UPRIGHT)
    except Exception:  # the picture itself may be whole, and says so when it is decoded
        return UPRIGHT
    return found if found in range(1, 9) else UPRIGHT


def _png_exif(file: BinaryIO) -> bool:
    """Whether one of a PNG's chunks holds EXIF."""
    before, place, kind = file.tell(), len(PNG_SIGNATURE), b""
    while kind not in (b"eXIf", b"IEND"):
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            break
        kind, place = head[4:], place + 12 + int.from_bytes(head[:4], "big")
    file.seek(before)
    return kind == b"eXIf"


def _opened(file: BinaryIO, most_pixels: int) -> Opened:
    start = file.read(26)
    refused, head = "", None
    if start[:8] == PNG_SIGNATURE:
        refused = _png_refusal(start)
    elif start[:3] in (b"II*", b"II+") or start[:4] in (b"MM\0*", b"MM\0+"):
        file.seek(0)
        head = read_head(file, 16 * most_pixels)
        _check_pixels(head.size, most_pixels)
        file = _unturned(file, head)
        refused = head.refused
    file.seek(0)
    try:
        with _opening, warnings.catch_warnings():
            # our limit is stricter and comes as an error with a fix; damage shows in the pixels
            warnings.simplefilter("ignore")
            picture = Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError:
        raise TooManyPixels("too many", most_pixels) from None
    except UnidentifiedImageError:
        raise _unknown(file, refused) from None
    size = (picture.height, picture.width)
    _check_pixels(size, most_pixels)
    refused = refused or _mode_refusal(picture)
    if head is not None:
        return Opened(
            picture, file, head.size, head.bits[0], head.signed, head.orientation, refused
        )
    bits = start[24] if start[:8] == PNG_SIGNATURE else 8
    return Opened(picture, file, size, bits, False, None, refused)


def _check_pixels(size: tuple[int, int], most_pixels: int) -> None:
    if size[0] * size[1] > most_pixels:
        raise TooManyPixels(f"{size[1]}x{size[0]}", most_pixels)


def _png_refusal(start: bytes) -> str:
    if len(start) < 26 or start[12:16] != b"IHDR":
        return ""  # damaged, which Pillow says
    depth, colour = start[24:26]
    if depth in PNG_EXACT.get(colour, (depth,)):
        return ""
    return f"PNG of {depth} bits a channel ({PNG_KINDS[colour]})"


def _mode_refusal(picture: Image.Image) -> str:
    if picture.mode not in EXACT_MODES:
        return f"{picture.format} in {picture.mode}"
    if picture.format in ANIMATED and getattr(picture, "is_animated", False):
        return f"{picture.format} of several frames"
    return ""


def _unturned(file: BinaryIO, head: TiffHead) -> BinaryIO:
    """The same TIFF without its orientation, which Pillow would apply."""
    if head.orientation == UPRIGHT or head.orientation_at is None:
        return file
    place, kind = head.orientation_at
    file.seek(0)
    data = bytearray(file.read())
    struct.pack_into(kind, data, place, UPRIGHT)
    return io.BytesIO(bytes(data))


def _unknown(file: BinaryIO, refused: str) -> DecodeError:
    """What Pillow does not know: a kind that is not read, or something else."""
    file.seek(0)
    bits = _jpeg_bits(file)
    if bits not in (0, 8):
        refused = f"JPEG of {bits} bits"
    if refused:
        return DecodeError("E302", f"{refused}, which is not read", SAVE_PLAIN)
    return DecodeError("E301", "no readable image (damaged, empty or another type)", REWRITE)


def _jpeg_bits(file: BinaryIO) -> int:
    """Bits a sample that a JPEG's frame states, 0 where there is none."""
    if file.read(2) != b"\xff\xd8":
        return 0
    while len(head := file.read(4)) == 4 and head[0] == 0xFF:
        if 0xC0 <= head[1] <= 0xCF and head[1] not in (0xC4, 0xC8, 0xCC):
            return (file.read(1) or b"\0")[0]
        file.seek(int.from_bytes(head[2:], "big") - 2, os.SEEK_CUR)
    return 0
