"""Colour conversions of MATLAB and OpenCV, as the programs of the classical models call them."""

from __future__ import annotations

import numpy as np

GRAY = (0.298936021293775, 0.587043074451121, 0.114020904255103)  # MATLAB, rgb2gray
SRGB_TO_XYZ_D50 = np.array(  # Bradford-adapted
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
WHITE_D50 = (0.9642, 1.0, 0.8249)


def gray_levels(image: np.ndarray) -> np.ndarray:
    """`rgb2gray` of 8-bit pixels.

    Args:
        image: uint8 (height, width, 3).

    Returns:
        uint8 (height, width), rounded half away from zero.
    """
    red, green, blue = (image[..., k].astype(np.float64) for k in range(3))
    return np.floor(GRAY[0] * red + GRAY[1] * green + GRAY[2] * blue + 0.5).astype(np.uint8)


def gray_of(rgb: np.ndarray) -> np.ndarray:
    """`rgb2gray` of floats (..., 3), which are not rounded."""
    return rgb @ np.array(GRAY)


def opencv_gray_levels(image: np.ndarray) -> np.ndarray:
    """OpenCV's gray of 8-bit pixels, in its fixed point.

    Args:
        image: uint8 (height, width, 3), RGB.

    Returns:
        uint8 (height, width).
    """
    red, green, blue = (image[..., k].astype(np.int32) for k in range(3))
    return ((9798 * red + 19235 * green + 3735 * blue + 16384) >> 15).astype(np.uint8)


def lab_d50(rgb: np.ndarray) -> np.ndarray:
    """CIE Lab of sRGB values under D50, in place of MATLAB's `makecform('srgb2lab')`.

    Args:
        rgb: float64 (..., 3) in 0..1; values outside, as a bicubic resize makes them, are not
            clipped.

    Returns:
        float64 (..., 3): L in 0..100, a and b.
    """
    with np.errstate(invalid="ignore"):  # powers of what the other branch takes
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = np.moveaxis(linear @ SRGB_TO_XYZ_D50.T / WHITE_D50, -1, 0)
    fx, fy, fz = (np.where(t > 216 / 24389, np.cbrt(t), 841 / 108 * t + 4 / 29) for t in (x, y, z))
    return np.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], axis=-1)
