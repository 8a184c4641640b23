"""Filters that several programs of classical models share, MATLAB's among them."""

from __future__ import annotations

import numpy as np

BORDERS = {"zero": "constant", "replicate": "nearest", "mirror": "mirror"}  # in scipy's words


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
    values = np.asarray(values, dtype=np.float64)
    return correlate(values, kernel, mode=BORDERS[border], origin=origin)


def gaussian_blur(values: np.ndarray, sigma: float, reach: int, border: str) -> np.ndarray:
    """Gaussian along the rows' axis, then the columns', cut at `reach` pixels either side.

    Programs cut it at different places and go on differently at the edge, hence no defaults.

    Args:
        values: array (height, width).
        sigma: standard deviation in pixels.
        reach: pixels either side at which it is cut.
        border: as in `imfilter`, or `"mirror"` (the edge not doubled).

    Returns:
        float64 (height, width).
    """
    from scipy.ndimage import correlate1d

    taps = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    taps /= taps.sum()
    values = np.asarray(values, dtype=np.float64)
    for axis in (0, 1):
        values = correlate1d(values, taps, axis, mode=BORDERS[border])
    return values


def attenuate_borders(values: np.ndarray, border: int) -> np.ndarray:
    """Rows and columns i = 1..border from each side times i / (border + 1), corners by both.

    Args:
        values: array (height, width).
        border: pixels; at most half of the shorter side is used.

    Reference: `attenuateBorders` of SaliencyToolbox and of the GBVS toolbox.
    """
    border = min(border, values.shape[0] // 2, values.shape[1] // 2)
    ramp = np.arange(1, border + 1) / (border + 1)
    result = np.array(values, dtype=np.float64)
    for axis in (result, result.T):
        axis[:border] *= ramp[:, None]
        axis[len(axis) - border :] *= ramp[::-1, None]
    return result


def local_maxima(values: np.ndarray, threshold: float) -> np.ndarray:
    """Values of the inner pixels that reach the threshold and all of their four neighbours.

    A plateau counts with every pixel; pixels at the border are no maxima.

    Args:
        values: array (height, width).
        threshold: the least value of a maximum.

    Returns:
        1-D array, empty for maps with a side below 3.
    """
    inner = values[1:-1, 1:-1]
    neighbours = (values[:-2, 1:-1], values[2:, 1:-1], values[1:-1, :-2], values[1:-1, 2:])
    keep = inner >= threshold
    for neighbour in neighbours:
        keep &= inner >= neighbour
    return inner[keep]
