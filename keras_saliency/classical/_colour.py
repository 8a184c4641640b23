"""MATLAB's colour conversions, as the programs of the classical models call them."""

from __future__ import annotations

import numpy as np

GRAY = (0.298936021293775, 0.587043074451121, 0.114020904255103)  # MATLAB, rgb2gray


def gray_levels(image: np.ndarray) -> np.ndarray:
    """`rgb2gray` of 8-bit pixels.

    Args:
        image: uint8 (height, width, 3).

    Returns:
        uint8 (height, width), rounded half away from zero.
    """
    red, green, blue = (image[..., k].astype(np.float64) for k in range(3))
    return np.floor(GRAY[0] * red + GRAY[1] * green + GRAY[2] * blue + 0.5).astype(np.uint8)
