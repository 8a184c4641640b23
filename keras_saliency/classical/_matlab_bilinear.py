"""MATLAB's bilinear `imresize`, borders mirrored, which programs of classical models call.

The rule is the kit's; scores never need this kernel, and pictures here may have planes.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.imaging.resize import imresize_matrix


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
    rows, columns = (
        imresize_matrix(n, wanted, scale, "symmetric", "triangle")
        for n, wanted, scale in zip(values.shape, size, scales, strict=False)
    )
    planes = np.asarray(values, dtype=np.float64).reshape(*values.shape[:2], -1)
    planes = rows @ planes.transpose(2, 0, 1) @ columns.T
    return planes.transpose(1, 2, 0).reshape(*size, *values.shape[2:])
