"""Dissimilarity of a picture and its copy with one filled hole, computed where they differ.

SSIM: Wang, Bovik, Sheikh, Simoncelli, IEEE TIP 2004: Gaussian window 11x11 of sigma 1.5, K 0.01 and
0.03, values in 0..255, on luma, mirrored border. Wherever two windows agree SSIM is 1, so the mean
over the whole picture needs the hole and five pixels around it only.
"""

from __future__ import annotations

import numpy as np

from keras_saliency.inpainting.masks import Hole

RADIUS = 5
SIGMA = 1.5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
LUMA = np.array([0.299, 0.587, 0.114])
SCOPES = ("image", "cell")


def luma(picture: np.ndarray) -> np.ndarray:
    """Brightness of RGB in 0..255, float64 (…, height, width)."""
    return picture.astype(np.float64) @ LUMA


def ssim_map(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """SSIM at every pixel of two gray pictures.

    Args:
        one: float64 (height, width) in 0..255.
        other: of the same shape.

    Returns:
        float64 (height, width), in -1..1.
    """
    from scipy.ndimage import gaussian_filter

    def smooth(values: np.ndarray) -> np.ndarray:
        return gaussian_filter(values, SIGMA, radius=RADIUS, mode="reflect")

    mean_one, mean_other = smooth(one), smooth(other)
    # the mean of products less the product of means, as the reference program computes it
    var_one = smooth(one * one) - mean_one**2
    var_other = smooth(other * other) - mean_other**2
    both = smooth(one * other) - mean_one * mean_other
    top = (2 * mean_one * mean_other + C1) * (2 * both + C2)
    return top / ((mean_one**2 + mean_other**2 + C1) * (var_one + var_other + C2))


def dissimilarity(one: np.ndarray, other: np.ndarray, hole: Hole, scope: str = "image") -> float:
    """1 - mean SSIM of two gray pictures that differ in a hole only.

    Args:
        one: the original's luma, float64 (height, width).
        other: the filled picture's luma.
        hole: where they differ.
        scope: mean over the whole `"image"`, or over the hole's `"cell"`.

    Raises:
        ValueError: an unknown scope.
    """
    if scope not in SCOPES:
        raise ValueError(f"scope must be one of {', '.join(SCOPES)}, got {scope!r}")
    height, width = one.shape
    reach = 2 * RADIUS  # the inner part of the crop, RADIUS wide, sees the true picture
    top, left = max(0, hole.top - reach), max(0, hole.left - reach)
    bottom = min(height, hole.top + hole.side + reach)
    right = min(width, hole.left + hole.side + reach)
    found = 1 - ssim_map(one[top:bottom, left:right], other[top:bottom, left:right])
    if scope == "cell":
        rows, columns = hole.window
        window = found[
            rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]
        return float(window[hole.inside].mean())
    inner = found[
        (RADIUS if top else 0) : (found.shape[0] - RADIUS if bottom < height else None),
        (RADIUS if left else 0) : (found.shape[1] - RADIUS if right < width else None),
    ]
    return float(inner.sum() / (height * width))
