"""Colours laid over a picture: how every picture with a map, gain or shape on it is mixed.

The picture below a map is shown in grays so that every colour means the map alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.imaging.colours import check_colours, colourise
from benchmark_kit.imaging.contours import contour_lines
from benchmark_kit.imaging.min_max import min_max

OPACITY = 0.6
OVERSAMPLING = 2
GRAY = np.array([0.299, 0.587, 0.114])  # luma, ITU-R BT.601
LEAST_UNIT = 0.4  # at which dots on small pictures can be seen
INK, RIM = 255, 20  # of dots and lines, and of the dark rim that tells them from a light ground


def lay_over(ground: Any, colours: Any, opacity: Any) -> np.ndarray:
    """Mix colours into what lies below them.

    Args:
        ground: 0 to 255, (height, width, 1 or 3) or a number.
        colours: 0 to 255, (height, width, 3) or a number.
        opacity: share of the colours, 0 to 1, (height, width, 1) or a number.

    Returns:
        uint8 (height, width, 3), halves rounded up.
    """
    mixed = (1 - opacity) * ground + opacity * colours
    return np.floor(mixed + 0.5).astype(np.uint8)


def overlay(
    image: np.ndarray,
    saliency: np.ndarray,
    *,
    opacity: float = OPACITY,
    colours: str = "magma",
    fixations: Any = None,
    contours: Sequence[float] = (),
) -> np.ndarray:
    """Blend a map in colours over its picture in grays.

    Args:
        image: uint8 (height, width, 3) or (height, width).
        saliency: (height, width), finite, any scale; lowest and highest value take the ends of the
            colours, a constant map takes the low end.
        opacity: share of the colour, 0 to 1.
        colours: one of `imaging.colours.COLOURS`.
        fixations: `Fixations`, or an (n, 2) array of x, y in pixels: white dots with a dark rim.
        contours: shares of the map's mass, each between 0 and 1: the line around the fewest pixels
            that hold this share.

    Returns:
        uint8 (height, width, 3).

    Raises:
        ConfigError: opacity, colours or contours out of range.
        InputError: picture and map of different sizes, or a map that is not finite.
    """
    check_shares(opacity, contours)
    check_colours(colours)
    saliency = np.asarray(saliency, dtype=np.float64)
    _check(image, saliency)
    gray = image if image.ndim == 2 else image.astype(np.float64) @ GRAY
    pixels = lay_over(gray[..., None], colourise(min_max(saliency), colours), opacity)
    lines = [line for share in contours for line in contour_lines(saliency, share)]
    return draw(pixels, lines, points_of(fixations))


def check_shares(opacity: float, contours: Sequence[float]) -> None:
    """Refuse an opacity or contours that are no shares.

    Raises:
        ConfigError: out of range.
    """
    if not 0 <= opacity <= 1:
        raise ConfigError(f"opacity must be between 0 and 1, got {opacity!r}")
    if any(not 0 < share < 1 for share in contours):
        shown = ", ".join(f"{share:g}" for share in contours)
        raise ConfigError(f"contours must be shares between 0 and 1 such as 0.5, got {shown}")


def points_of(fixations: Any) -> np.ndarray:
    """Points as float64 (n, 2) of x, y in pixels."""
    if fixations is None:
        return np.zeros((0, 2))
    if hasattr(fixations, "x"):
        return np.stack([fixations.x, fixations.y], axis=1)
    return np.asarray(fixations, dtype=np.float64).reshape(-1, 2)


def stroke_unit(size: tuple[int, ...]) -> float:
    """What the widths of lines and the radii of dots on a picture are multiples of, in pixels.

    Args:
        size: (height, width) of the picture.
    """
    return max(LEAST_UNIT, max(size[:2]) / 400)


def draw(
    pixels: np.ndarray,
    lines: Sequence[np.ndarray],
    points: np.ndarray,
    unit: float | None = None,
) -> np.ndarray:
    """White lines and dots with dark rims over a picture, their edges smooth.

    They are drawn twice as large on a layer of their own, which is shrunk and laid over.

    Args:
        pixels: uint8 (height, width, 3).
        lines: arrays (n, 2) of x, y in pixels.
        points: (n, 2) of x, y in pixels.
        unit: `stroke_unit`; None: the picture's own.
    """
    from PIL import Image, ImageDraw

    if not lines and not len(points):
        return pixels
    height, width = pixels.shape[:2]
    large = (width * OVERSAMPLING, height * OVERSAMPLING)
    layers = [Image.new("L", large) for _ in range(2)]  # how much is covered, and the ink there
    cover, ink = (ImageDraw.Draw(layer) for layer in layers)
    unit = (stroke_unit(pixels.shape) if unit is None else unit) * OVERSAMPLING
    for colour, thick in ((RIM, 2.4), (INK, 1.0)):
        for line in lines:
            # Pillow counts a line's corners from the middle of a pixel, an ellipse's from its edge
            corners = [tuple(corner) for corner in (line + 0.5) * OVERSAMPLING - 0.5]
            for pen, fill in ((cover, 255), (ink, colour)):
                pen.line(corners, fill=fill, width=max(1, round(thick * unit)), joint="curve")
    for x, y in (points + 0.5) * OVERSAMPLING:
        for colour, radius in ((RIM, 2.6 * unit), (INK, 1.8 * unit)):
            box = (x - radius, y - radius, x + radius, y + radius)
            cover.ellipse(box, fill=255)
            ink.ellipse(box, fill=colour)
    covered, drawn = (
        np.asarray(layer.reduce(OVERSAMPLING), dtype=np.float64)[..., None] for layer in layers
    )
    share = covered / 255
    # the ink of a pixel that is covered in part was mixed with the empty layer's 0 already
    return lay_over(pixels, drawn / np.maximum(share, 1 / 255), share)


def _check(image: np.ndarray, saliency: np.ndarray) -> None:
    problems = []
    if image.shape[:2] != saliency.shape:
        sizes = [f"{array.shape[1]}x{array.shape[0]}" for array in (saliency, image)]
        found = f"the map is {sizes[0]}, the picture {sizes[1]}"
        problems.append(Problem("E202", (), found, "equal sizes", "predict at the picture's size"))
    if not np.isfinite(saliency).all():
        problems.append(Problem("E304", (), "the map holds NaN or Inf", "finite values"))
    if problems:
        raise InputError("this map cannot be laid over this picture", problems)
