"""A bar that tells which colour is how much: beside a picture, its highest value above."""

from __future__ import annotations

import numpy as np

from benchmark_kit.imaging.colours import STEPS, colourise
from benchmark_kit.imaging.lettering import text_width
from benchmark_kit.imaging.sheet import Panel, Sheet, Words, sheet_pixels

BAR, GAP, LETTERS, MARGIN = 14, 10, 14, 6  # in pixels beside a picture of this height:
HEIGHT, LEAST = 480, 0.75  # and the least scale, at which the labels can be read


def bar_scale(height: float) -> float:
    """How large a bar and its letters are beside a picture of a height in pixels."""
    return max(LEAST, height / HEIGHT)


def bar_beside(
    left: float, top: float, height: float, scale: float, colours: str, ends: tuple[str, str]
) -> tuple[list[Panel | Words], float]:
    """A bar with its labels, to be put on a page.

    Args:
        left: where it begins.
        top: where it begins.
        height: of the bar.
        scale: of its width and letters: `bar_scale`.
        colours: one of `imaging.colours.COLOURS`.
        ends: labels of the lowest and the highest value.

    Returns:
        what to put there, and its whole width.
    """
    column = colourise(np.linspace(1, 0, STEPS), colours)[:, None]
    size, beside = LETTERS * scale, left + (BAR + MARGIN) * scale
    lowest, highest = ends
    items: list[Panel | Words] = [
        Panel((left, top, BAR * scale, height), np.repeat(column, 8, axis=1)),
        Words(beside, top + 0.2 * size, highest, size),
        Words(beside, top + height - 0.2 * size, lowest, size, "ls"),
    ]
    wide = max(text_width(text, size) for text in ends)
    return items, (BAR + MARGIN) * scale + wide


def with_bar(
    pixels: np.ndarray, *, colours: str = "magma", ends: tuple[str, str] = ("least", "most")
) -> np.ndarray:
    """The picture with a bar of the colours to its right.

    Args:
        pixels: uint8 (height, width, 3).
        colours: those of the map on it.
        ends: labels of the lowest and the highest value.
    """
    height, width = pixels.shape[:2]
    scale = bar_scale(height)
    gap = GAP * scale
    items, wide = bar_beside(width + gap, 0, height, scale, colours, ends)
    panel = Panel((0, 0, width, height), pixels)
    return sheet_pixels(Sheet(width + gap + wide + gap, height, (panel, *items)))
