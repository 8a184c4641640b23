"""MATLAB's filtering functions, as the programs of the classical models call them."""

from __future__ import annotations

import numpy as np


def gaussian_kernel(size: tuple[int, int], sigma: float) -> np.ndarray:
    """`fspecial('gaussian', size, sigma)`: weights (rows, columns) that sum to one."""
    rows, columns = (np.arange(n) - (n - 1) / 2 for n in size)
    kernel = np.exp(-(rows[:, None] ** 2 + columns[None, :] ** 2) / (2 * sigma**2))
    kernel[kernel < np.finfo(np.float64).eps * kernel.max()] = 0
    return kernel / kernel.sum()


def imfilter(values: np.ndarray, kernel: np.ndarray, border: str = "zero") -> np.ndarray:
    """`imfilter`: correlation with the kernel, same size.

    A kernel of an even side n reaches from n/2 - 1 pixels before to n/2 after its place, so that a
    symmetric one shifts the picture by half a pixel.

    Args:
        values: array (height, width).
        kernel: array (rows, columns).
        border: `"zero"`, or `"replicate"` for the edge's value outside.
    """
    from scipy.ndimage import correlate

    origin = tuple(-1 if n % 2 == 0 else 0 for n in kernel.shape)
    mode = {"zero": "constant", "replicate": "nearest"}[border]
    return correlate(np.asarray(values, dtype=np.float64), kernel, mode=mode, origin=origin)
