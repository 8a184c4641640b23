"""A page of pictures, words, lines and dots, laid out once and drawn by Pillow here.

Lengths are in units of the page; x runs to the right and y down. What draws the same page as PDF or
SVG is `reporting/sheet_files.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmark_kit.imaging.laid_over import draw
from benchmark_kit.imaging.lettering import font_of

if TYPE_CHECKING:
    from PIL import Image

PAPER, TEXT, SOFT = (255, 255, 255), (32, 36, 44), (96, 103, 114)


@dataclass(frozen=True, eq=False)
class Panel:
    """A picture, with lines and dots on it.

    Args:
        box: (left, top, width, height).
        pixels: uint8 (rows, columns, 3); they fill the box.
        lines: float64 (n, 2) of x, y each, in pixels of the picture.
        points: float64 (n, 2) of x, y in pixels of the picture.
        unit: what widths and radii are multiples of, in pixels of the picture.
    """

    box: tuple[float, float, float, float]
    pixels: np.ndarray
    lines: tuple[np.ndarray, ...] = ()
    points: np.ndarray | None = None
    unit: float = 1.0


@dataclass(frozen=True)
class Words:
    """A line of text.

    Args:
        x: place of the anchor.
        y: place of the anchor.
        text: without characters that are not seen.
        size: height of the letters.
        anchor: which part of the text stands there: `l`, `m` or `r`, then `a` (top), `m` or `s`
            (base line), as Pillow has them.
        upwards: turned by a quarter, to be read from below.
        soft: less dark.
    """

    x: float
    y: float
    text: str
    size: float
    anchor: str = "la"
    upwards: bool = False
    soft: bool = False


@dataclass(frozen=True, eq=False)
class Sheet:
    """A page.

    Args:
        width: of the page.
        height: of the page.
        items: what stands on it, later things over earlier ones.
    """

    width: float
    height: float
    items: tuple[Panel | Words, ...]

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        import io

        from PIL import Image

        buffer = io.BytesIO()
        Image.fromarray(sheet_pixels(self)).save(buffer, format="PNG")
        return buffer.getvalue()


def sheet_pixels(sheet: Sheet, scale: float = 1.0) -> np.ndarray:
    """The page as a picture.

    Args:
        sheet: the page.
        scale: pixels a unit.

    Returns:
        uint8 (height, width, 3).
    """
    from PIL import Image

    page = Image.new("RGB", (round(sheet.width * scale), round(sheet.height * scale)), PAPER)
    for item in sheet.items:
        if isinstance(item, Words):
            _write(page, item, scale)
            continue
        left, top, width, height = item.box
        corner = (round(left * scale), round(top * scale))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = Image.fromarray(item.pixels)
        larger = size[0] / item.pixels.shape[1]
        if picture.size != size:
            picture = picture.resize(size, Image.Resampling.LANCZOS)
        lines = [(line + 0.5) * larger - 0.5 for line in item.lines]
        points = np.zeros((0, 2)) if item.points is None else (item.points + 0.5) * larger - 0.5
        pixels = draw(np.asarray(picture), lines, points, item.unit * larger)
        page.paste(Image.fromarray(pixels), corner)
    return np.asarray(page)


def _write(page: Image.Image, item: Words, scale: float) -> None:
    from PIL import Image, ImageDraw

    font = font_of(item.text, item.size * scale)
    colour = SOFT if item.soft else TEXT
    x, y = item.x * scale, item.y * scale
    if not item.upwards:
        ImageDraw.Draw(page).text((x, y), item.text, fill=colour, font=font, anchor=item.anchor)
        return
    left, top, right, bottom = font.getbbox(item.text, anchor=item.anchor)
    mask = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    pen = ImageDraw.Draw(mask)
    pen.text((1 - left, 1 - top), item.text, fill=255, font=font, anchor=item.anchor)
    turned = mask.transpose(Image.Transpose.ROTATE_90)
    # what lay right of the anchor now lies above it
    place = (round(x + top - 1), round(y - right - 1))
    page.paste(colour, place, turned)
