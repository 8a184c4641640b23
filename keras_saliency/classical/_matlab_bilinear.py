"""MATLAB's bilinear `imresize`: a triangle that widens when it shrinks, borders mirrored.

The bicubic one, which scores need, is in `benchmark_kit.imaging.resize`; programs of classical
models call this one for their own small pictures.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np


def resize_bilinear(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resize to a size, each axis by its own scale.

    Args:
        values: array (height, width[, planes]) of any real type.
        size: wanted (height, width).

    Returns:
        float64 array of that size.
    """
    scales = (size[0] / values.shape[0], size[1] / values.shape[1])
    return _resized(values, size, scales)


def resize_bilinear_by_factor(values: np.ndarray, factor: float) -> np.ndarray:
    """Resize both axes by one factor; the size is the ceiling, the scale is the factor itself.

    Args:
        values: array (height, width[, planes]).
        factor: scale of both sides, > 0.
    """
    size = (int(np.ceil(values.shape[0] * factor)), int(np.ceil(values.shape[1] * factor)))
    return _resized(values, size, (factor, factor))


def _resized(values: np.ndarray, size: tuple[int, int], scales: tuple[float, float]) -> np.ndarray:
    rows = _matrix(values.shape[0], size[0], scales[0])
    columns = _matrix(values.shape[1], size[1], scales[1])
    planes = np.asarray(values, dtype=np.float64).reshape(*values.shape[:2], -1)
    planes = rows @ planes.transpose(2, 0, 1) @ columns.T
    return planes.transpose(1, 2, 0).reshape(*size, *values.shape[2:])


@lru_cache(maxsize=32)
def _matrix(n_in: int, n_out: int, scale: float) -> np.ndarray:
    """Weights (n_out, n_in) along one axis."""
    shrink = min(scale, 1.0)
    width = 2.0 / shrink
    centre = np.arange(1, n_out + 1) / scale + 0.5 * (1 - 1 / scale)
    left = np.floor(centre - width / 2)
    taps = left[:, None] + np.arange(int(np.ceil(width)) + 2)
    weights = np.maximum(0.0, 1.0 - np.abs((centre[:, None] - taps) * shrink))
    weights /= weights.sum(axis=1, keepdims=True)
    index = np.mod(taps.astype(np.int64) - 1, 2 * n_in)
    index = np.minimum(index, 2 * n_in - 1 - index)
    matrix = np.zeros((n_out, n_in))
    np.add.at(matrix, (np.arange(n_out)[:, None], index), weights)
    matrix.flags.writeable = False
    return matrix
