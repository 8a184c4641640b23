"""A map in colours over its picture, with a bar that tells the colours; Pillow alone.

The lightness of the colours rises evenly, so that equal steps of a map look equally large.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.imaging.laid_over import lay_over
from benchmark_kit.imaging.min_max import min_max

OPACITY = 0.85  # of the map's highest value
DARKENED = 0.55  # what is left of the gray picture's light
BAR, GAP, LABELS = 14, 10, 44  # widths beside the picture, in pixels at a height of 480
HEIGHT, LEAST = 480, 0.75  # and the least scale, at which the labels can be read
PAPER, INK = (255, 255, 255), (32, 36, 44)
# sRGB from dark blue over violet and orange to pale yellow; CIE lightness 8, 23, 38, 55, 72, 94
ANCHORS = np.array(
    [(18, 20, 48), (66, 38, 112), (140, 58, 124), (208, 96, 92), (244, 158, 70), (252, 238, 160)],
    dtype=np.float64,
)


def laid_over(picture: np.ndarray, saliency: np.ndarray) -> np.ndarray:
    """The picture in darkened gray, the map over it in colours, the more the higher it is.

    Args:
        picture: uint8 (height, width, 3).
        saliency: (height, width), any scale; its least value becomes 0 and its greatest 1.

    Returns:
        uint8 (height, width, 3).
    """
    values = min_max(np.asarray(saliency, np.float32))[..., None]
    gray = DARKENED * picture.mean(axis=2, keepdims=True, dtype=np.float32)
    opacity = OPACITY * np.sqrt(values)
    return lay_over(gray, colourise(values[..., 0]), opacity)


def colourise(values: np.ndarray) -> np.ndarray:
    """Values in 0..1 as uint8 colours, last axis RGB."""
    places = np.linspace(0, 1, len(ANCHORS))
    channels = [np.interp(values, places, ANCHORS[:, k]) for k in range(3)]
    return np.floor(np.stack(channels, axis=-1) + 0.5).astype(np.uint8)


def with_bar(pixels: np.ndarray) -> np.ndarray:
    """The picture with a bar of the colours to its right, `most` above and `least` below."""
    from PIL import Image, ImageDraw, ImageFont

    height, width = pixels.shape[:2]
    scale = max(LEAST, height / HEIGHT)
    bar, gap, labels = (round(scale * side) for side in (BAR, GAP, LABELS))
    page = Image.new("RGB", (width + 2 * gap + bar + labels, height), PAPER)
    page.paste(Image.fromarray(pixels), (0, 0))
    colours = np.repeat(colourise(np.linspace(1, 0, height))[:, None], bar, axis=1)
    page.paste(Image.fromarray(colours), (width + gap, 0))
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size=round(14 * scale))
    left = width + gap + bar + round(6 * scale)
    pen.text((left, round(2 * scale)), "most", fill=INK, font=font)
    pen.text((left, height - round(2 * scale)), "least", fill=INK, font=font, anchor="ls")
    return np.asarray(page)
