"""A map in colours over its picture, with a bar that tells the colours; Pillow alone."""

from __future__ import annotations

import numpy as np

from keras_saliency.base.array_model import min_max
from keras_saliency.predict.colours import colourise

OPACITY = 0.85  # of the map's highest value
DARKENED = 0.55  # what is left of the gray picture's light
BAR, GAP, LABELS = 14, 10, 44  # widths beside the picture, in pixels at a height of 480
HEIGHT, LEAST = 480, 0.75  # and the least scale, at which the labels can be read
PAPER, INK = (255, 255, 255), (32, 36, 44)


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
    mixed = (1 - opacity) * gray + opacity * colourise(values[..., 0])
    return np.floor(mixed + 0.5).astype(np.uint8)


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
