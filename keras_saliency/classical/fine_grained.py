"""Fine-grained saliency as OpenCV has it (opencv_contrib, module saliency).

Each pixel against the mean of six squares around it, by an integral image; what is darker and what
is brighter than its surround are scaled apart and added. After Montabone and Soto, 2010.
"""

from __future__ import annotations

import numpy as np

from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._colour import opencv_gray_levels

NEIGHBOURHOODS = (12, 24, 48, 28, 56, 112)


class FineGrained(ArrayModel):
    """Centre-surround contrast of gray levels at full size; blind to colour; maps in 0..1.

    A picture without contrast gives zeros (the program divides 0 by 0).

    Reference: Montabone and Soto, "Human Detection Using a Mobile Platform and Novel Features
    Derived From a Visual Saliency Mechanism", Image and Vision Computing 28, 2010; OpenCV,
    StaticSaliencyFineGrained.
    """

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        if one_colour(image):
            return np.zeros(image.shape[:2])
        return contrast_map(smooth(smooth(opencv_gray_levels(image)))) / 255.0


def smooth(gray: np.ndarray) -> np.ndarray:
    """Binomial blur of 3 x 3 with rounding, mirrored without doubling the edge; uint8."""
    # a side of one pixel has nothing to mirror but itself
    pads = [(1, 1) if n > 1 else (0, 0) for n in gray.shape]
    total = np.pad(gray, pads, mode="reflect").astype(np.uint16)
    total = np.pad(total, [(1 - pad[0], 1 - pad[1]) for pad in pads], mode="edge")
    total = total[:-2] + 2 * total[1:-1] + total[2:]
    total = total[:, :-2] + 2 * total[:, 1:-1] + total[:, 2:]
    return ((total + 8) >> 4).astype(np.uint8)


def contrast_map(gray: np.ndarray) -> np.ndarray:
    """Both contrasts, scaled and added.

    Args:
        gray: uint8 (height, width).

    Returns:
        whole numbers 0..255, float64; where both contrasts are strong the sum wraps modulo 256, as
        in the program.
    """
    integral = integral_image(gray)
    centre = gray.astype(np.float32)
    bright = np.zeros(gray.shape, np.int32)
    dark = np.zeros(gray.shape, np.int32)
    for reach in NEIGHBOURHOODS:
        difference = centre - surround_mean(integral, centre, reach)
        bright += np.maximum(difference, 0).astype(np.int32)
        dark += np.maximum(-difference, 0).astype(np.int32)
    bright, dark = (_stretched(x, x.max()) for x in (bright, dark))
    total = bright + dark
    return (_stretched(total, max(bright.max(), dark.max())) & 255).astype(np.float64)


def integral_image(gray: np.ndarray) -> np.ndarray:
    """Sums over the rows above and columns left, float32 (height + 1, width + 1).

    Rows are summed exactly, then added up in single precision, whose rounding is the program's.
    """
    integral = np.zeros((gray.shape[0] + 1, gray.shape[1] + 1), np.float32)
    rows = np.cumsum(gray, axis=1, dtype=np.int32).astype(np.float32)
    np.cumsum(rows, axis=0, dtype=np.float32, out=integral[1:, 1:])
    return integral


def surround_mean(integral: np.ndarray, centre: np.ndarray, reach: int) -> np.ndarray:
    """Mean of the square around each pixel without the pixel itself, float32.

    The square spans reach - 1 pixels before to reach after it, inside the picture.
    """
    height, width = centre.shape
    (top, bottom), (left, right) = (
        (np.maximum(np.arange(n) - reach + 1, 0), np.minimum(np.arange(n) + reach + 1, n))
        for n in (height, width)
    )
    upper, lower = integral[top], integral[bottom]
    total = lower[:, right] - upper[:, right] - lower[:, left] + upper[:, left]
    area = np.outer(bottom - top, right - left).astype(np.float32)
    return (total - centre) / np.maximum(area - 1, 1)


def _stretched(values: np.ndarray, most: int) -> np.ndarray:
    return (255.0 * values / most).astype(np.int32) if most else values
