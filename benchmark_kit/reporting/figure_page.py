"""Where things stand in a figure of pictures by models: one row a picture, one column a source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark_kit.imaging.colours import STEPS, colourise
from benchmark_kit.imaging.lettering import fitted, text_width
from benchmark_kit.imaging.sheet import Panel, Sheet, Words

# in points, as PDF and SVG have them
PANEL, TALLEST, GAP, MARGIN, LETTERS, LABEL = 120.0, 150.0, 5.0, 4.0, 8.0, 13.0
LOWEST = 3 * LETTERS  # a row, so that its picture's name can be read
BAR = (80.0, 6.0)
SCALE = 4.0  # pixels a point, of PNG and JPEG and of the panels in all files: 288 an inch
Size = tuple[int, int]


@dataclass(frozen=True, eq=False)
class PanelMap:
    """A map as large as its panel.

    Args:
        values: float32 (height, width).
        low: lowest value of the whole map.
        high: its highest value.
    """

    values: np.ndarray
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Column:
    """What stands below one heading.

    Args:
        heading: name.
        maps: by picture; a picture without one is told to have none.
        limits: lowest and highest value of the scale; None: each map has its own.
    """

    heading: str
    maps: Mapping[str, PanelMap]
    limits: tuple[float, float] | None = None


def panel_map(values: np.ndarray) -> PanelMap:
    """A map (height, width) in its panel's size, float64 or less."""
    size = _pixels(values.shape)
    return PanelMap(resized(values, size), float(values.min()), float(values.max()))


def page_size(columns: int, sizes: Sequence[Size]) -> tuple[float, float]:
    """Width and height of the page in points.

    Args:
        columns: stimulus, ground truth and maps.
        sizes: (height, width) of the pictures.
    """
    wide = 2 * MARGIN + LABEL + columns * PANEL + (columns - 1) * GAP
    high = 2 * MARGIN + 2 * LABEL + sum(_row(size) + GAP for size in sizes)
    return wide, high


def figure_sheet(
    pictures: Mapping[str, Size],
    stimulus: Callable[[str], np.ndarray],
    columns: Sequence[Column],
    colours: str,
) -> Sheet:
    """The page.

    Args:
        pictures: (height, width) by name, in the order of the rows.
        stimulus: gives a picture's pixels, uint8 (height, width, 3).
        columns: what stands right of the pictures; the bar below tells the scale of the last.
        colours: one of `imaging.colours.COLOURS`.
    """
    width, height = page_size(1 + len(columns), list(pictures.values()))
    lefts = [MARGIN + LABEL + k * (PANEL + GAP) for k in range(1 + len(columns))]
    items: list[Panel | Words] = [
        Words(left + PANEL / 2, MARGIN + LETTERS, fitted(heading, LETTERS, PANEL), LETTERS, "ms")
        for left, heading in zip(lefts, ["stimulus", *(c.heading for c in columns)], strict=True)
    ]
    top = MARGIN + LABEL
    for name, size in pictures.items():
        wide, high = _box(size)
        middle = top + _row(size) / 2
        label = fitted(name, LETTERS, _row(size))
        items.append(Words(MARGIN + LETTERS, middle, label, LETTERS, "ms", True, True))
        places = [(left + (PANEL - wide) / 2, middle - high / 2, wide, high) for left in lefts]
        items.append(Panel(places[0], resized(stimulus(name), _pixels(size))))
        for left, place, column in zip(lefts[1:], places[1:], columns, strict=True):
            if name in column.maps:
                pixels = _coloured(column.maps[name], column.limits, colours)
                items.append(Panel(place, pixels))
            else:
                items.append(Words(left + PANEL / 2, middle, "none", LETTERS, "mm", soft=True))
        top += _row(size) + GAP
    items += _bar(lefts[0], top + LABEL / 2, columns[-1].limits, colours)
    return Sheet(width, height, tuple(items))


def resized(values: np.ndarray, size: Size) -> np.ndarray:
    """A picture (uint8) or map (float32) of another size: averaged, or smoothly enlarged."""
    from PIL import Image

    kind = values if values.dtype == np.uint8 else values.astype(np.float32)
    smaller = size[0] < values.shape[0]
    kernel = Image.Resampling.BOX if smaller else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(kind).resize(size[::-1], kernel))


def _box(size: Size) -> tuple[float, float]:
    """Width and height of a picture on the page."""
    height, width = size
    share = min(PANEL / width, TALLEST / height)
    return width * share, height * share


def _row(size: Size) -> float:
    return max(LOWEST, _box(size)[1])


def _pixels(size: tuple[int, ...]) -> Size:
    """(height, width) of a picture's panel in pixels."""
    wide, high = _box((size[0], size[1]))
    return max(1, round(high * SCALE)), max(1, round(wide * SCALE))


def _coloured(drawn: PanelMap, limits: tuple[float, float] | None, colours: str) -> np.ndarray:
    low, high = (drawn.low, drawn.high) if limits is None else limits
    values = drawn.values.astype(np.float64)
    share = (values - low) / (high - low) if high > low else np.zeros_like(values)
    return colourise(share, colours)


def _bar(
    left: float, middle: float, limits: tuple[float, float] | None, colours: str
) -> list[Panel | Words]:
    """A lying bar of the colours with the ends of the scale on both sides."""
    ends = ("lowest", "highest value of each map")
    if limits is not None:
        ends = (f"{limits[0]:.3g}", f"{limits[1]:.3g}, all maps")
    row = np.repeat(colourise(np.linspace(0, 1, STEPS), colours)[None], 8, axis=0)
    begin, (long, thick) = left + text_width(ends[0], LETTERS) + GAP, BAR
    return [
        Words(left, middle, ends[0], LETTERS, "lm", soft=True),
        Panel((begin, middle - thick / 2, long, thick), row),
        Words(begin + long + GAP, middle, ends[1], LETTERS, "lm", soft=True),
    ]
