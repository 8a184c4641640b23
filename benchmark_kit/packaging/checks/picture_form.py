"""How a map's picture is stored: real format, channels, JPEG quality; from the header alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from benchmark_kit.imaging.decoder import open_picture

# sum of the luminance table of the JPEG standard (annex K), which is quality 50
STANDARD_SUM = 3688
FORMATS = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".bmp": "bmp",
}
CHANNELS = {
    "RGB": "three equal channels",
    "P": "a palette",
    "RGBA": "an alpha channel",
    "LA": "an alpha channel",
    "PA": "an alpha channel",
}


@dataclass(frozen=True)
class PictureForm:
    """What a picture's header says besides its size.

    Args:
        format: `"png"`, `"jpeg"`, `"tiff"` or `"bmp"`, by content.
        disguised: the extension promises another format.
        channels: in words where it is not one gray channel, else empty.
        quality: of a JPEG, about 1 to 100, else None.
    """

    format: str
    disguised: bool
    channels: str
    quality: int | None


def picture_form(name: str, data: bytes) -> PictureForm:
    """The form of a picture that can be decoded.

    Args:
        name: file name with extension.
        data: the whole file.
    """
    with open_picture((name, data)) as opened:
        picture = opened.picture
        stored = {"MPO": "jpeg"}.get(picture.format or "", (picture.format or "").lower())
        channels = CHANNELS.get(picture.mode, "")
        if picture.mode == "P" and "transparency" in picture.info:
            channels = "an alpha channel"
        quality = jpeg_quality(picture) if stored == "jpeg" else None
    extension = PurePosixPath(name).suffix.lower()
    return PictureForm(stored, FORMATS.get(extension) != stored, channels, quality)


def jpeg_quality(picture: Any) -> int:
    """The usual quality number of a JPEG from its first quantisation table.

    The table is the standard's times `5000 / quality` or, from 50 on, `200 - 2 * quality` percent;
    below 25 its entries are cut at 255 and the number comes out too high.
    """
    percent = 100 * sum(picture.quantization[0]) / STANDARD_SUM
    quality = (200 - percent) / 2 if percent <= 100 else 5000 / percent
    return max(1, min(100, round(quality)))
