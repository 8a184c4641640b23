"""Contact sheets: stimulus, fixations, ground-truth density and models' maps side by side.

Drawn with Pillow alone. All maps are scaled to their own minimum and maximum and show the
stimulus' shapes faintly, so that they can be compared; the numbers below a map are its scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark_kit.imaging.colours import colourise
from benchmark_kit.imaging.laid_over import lay_over
from benchmark_kit.imaging.min_max import min_max

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

PANEL_WIDTH, PANEL_HEIGHT = 320, 240
MARGIN, GAP = 32, 14
HEAD, CAPTION, FOOT = 108, 30, 56
SCORED = 26  # below the panels
PAGE, TEXT, FAINT, FRAME = (255, 255, 255), (32, 36, 44), (112, 118, 128), (210, 212, 216)
FIRST, LATER = (18, 110, 180), (226, 86, 20)
COLOURS = "dusk"
COLUMNS = ("Stimulus", "Fixations", "Ground-truth density")  # the models follow
OVERSAMPLING = 3
SHINE = 0.45  # how light a shape of full contrast makes a map's colour


@dataclass(frozen=True)
class Row:
    """One picture's line of a sheet.

    Args:
        name: caption.
        stimulus: uint8 (height, width, 3).
        points: fixations, (n, 3): x, y in pixels, and the place in the scanpath from 0.
        density: ground truth, (height, width), any scale.
        maps: model -> its map, (height, width), any scale.
        scores: model -> what stands below its map, for instance `"NSS 1.20   AUC 0.81"`.
    """

    name: str
    stimulus: np.ndarray
    points: np.ndarray
    density: np.ndarray
    maps: Mapping[str, np.ndarray]
    scores: Mapping[str, str]


def draw_sheet(title: str, subtitle: str, rows: Sequence[Row]) -> np.ndarray:
    """A page with a title, one line a picture and a legend; uint8 (height, width, 3).

    Args:
        title: above all.
        subtitle: below it.
        rows: at least one, all of the same models.
    """
    from PIL import Image, ImageDraw

    columns = (*COLUMNS, *rows[0].maps)
    line = CAPTION + PANEL_HEIGHT + SCORED + GAP
    width = 2 * MARGIN + len(columns) * PANEL_WIDTH + (len(columns) - 1) * GAP
    height = HEAD + len(rows) * line + FOOT
    page = Image.new("RGB", (width, height), PAGE)
    pen = ImageDraw.Draw(page)
    pen.text((MARGIN, 22), title, fill=TEXT, font=_font(26))
    pen.text((MARGIN, 58), subtitle, fill=FAINT, font=_font(15))
    for column, heading in enumerate(columns):
        pen.text((_left(column), HEAD - 20), heading, fill=TEXT, font=_font(15))
    for k, row in enumerate(rows):
        top = HEAD + k * line
        pen.text((MARGIN, top + 8), row.name, fill=FAINT, font=_font(15))
        for column, panel in enumerate(_panels(row)):
            place = (_left(column), top + CAPTION)
            page.paste(panel, place)
            corner = (place[0] + PANEL_WIDTH - 1, place[1] + PANEL_HEIGHT - 1)
            pen.rectangle((place, corner), outline=FRAME)
        for column, text in enumerate(row.scores.values(), start=len(COLUMNS)):
            place = (_left(column), top + CAPTION + PANEL_HEIGHT + 6)
            pen.text(place, text, fill=TEXT, font=_font(15))
    _legend(pen, page, height - FOOT + 18)
    return np.asarray(page)


def overlay(stimulus: np.ndarray, values: np.ndarray) -> np.ndarray:
    """A map in colours through which the stimulus' shapes shine; its plain ground does not."""
    gray = stimulus.mean(axis=2)
    shine = SHINE * np.abs(gray - np.median(gray))[..., None] / 255
    return lay_over(colourise(min_max(values), COLOURS), 255, shine)


@cache
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size=size)


def _left(column: int) -> int:
    return MARGIN + column * (PANEL_WIDTH + GAP)


def _panels(row: Row) -> list[Image.Image]:
    from PIL import Image

    def shrunk(pixels: np.ndarray) -> Image.Image:
        return Image.fromarray(pixels).resize((PANEL_WIDTH, PANEL_HEIGHT), Image.Resampling.LANCZOS)

    faded = np.floor(255 - (255 - row.stimulus.astype(np.float64)) * 0.45).astype(np.uint8)
    return [
        shrunk(row.stimulus),
        _with_points(faded, row.points),
        *(shrunk(overlay(row.stimulus, values)) for values in (row.density, *row.maps.values())),
    ]


def _with_points(pixels: np.ndarray, points: np.ndarray) -> Image.Image:
    """Dots with a white rim over a picture, first fixations in their own colour on top."""
    from PIL import Image, ImageDraw

    size = (PANEL_WIDTH * OVERSAMPLING, PANEL_HEIGHT * OVERSAMPLING)
    picture = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    scale = size[0] / pixels.shape[1]
    for x, y, order in sorted(points.tolist(), key=lambda point: -point[2]):
        _dot(
            pen,
            (x + 0.5) * scale,
            (y + 0.5) * scale,
            4.0 * OVERSAMPLING,
            FIRST if order == 0 else LATER,
        )
    return picture.reduce(OVERSAMPLING)


def _dot(
    pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: tuple[int, int, int]
) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=PAGE)
    inner = radius * 0.75
    pen.ellipse((x - inner, y - inner, x + inner, y + inner), fill=colour)


def _legend(pen: ImageDraw.ImageDraw, page: Image.Image, top: int) -> None:
    from PIL import Image

    x = _left(1)
    for colour, text in ((FIRST, "first fixation of an observer"), (LATER, "later")):
        _dot(pen, x + 6, top + 9, 5, colour)
        pen.text((x + 18, top), text, fill=FAINT, font=_font(14))
        x += 18 + round(pen.textlength(text, font=_font(14))) + 22
    bar = np.repeat(colourise(np.linspace(0, 1, PANEL_WIDTH), COLOURS)[None], 12, axis=0)
    pen.text((_left(2), top), "each map: lowest value", fill=FAINT, font=_font(14))
    page.paste(Image.fromarray(bar), (_left(2) + 160, top + 3))
    pen.text((_left(2) + 160 + PANEL_WIDTH + 10, top), "highest value", fill=FAINT, font=_font(14))
