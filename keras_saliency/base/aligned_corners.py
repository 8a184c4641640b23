"""Resizing of TensorFlow 1 with `align_corners=True`, which released networks were trained with.

The first and the last pixel of a line stay the first and the last: output k lies at
k (n - 1)/(m - 1). Shrinking takes the mean over the covered stretch (`resize_area`), enlarging a
cubic with a = -0.75 (`resize_bicubic`).
"""

from __future__ import annotations

import numpy as np

A = -0.75
STEPS = 1024  # TensorFlow rounds the position between two pixels to this share


def resample_aligned(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale an array: by area if a side shrinks, else by the cubic.

    Args:
        values: float32 (height, width[, channels]).
        size: wanted (height, width).

    Returns:
        float32 of that size; the cubic may leave the range of `values`.
    """
    shrinks = size[0] < values.shape[0] or size[1] < values.shape[1]
    weights = _area if shrinks else _cubic
    rows = weights(values.shape[0], size[0])
    columns = weights(values.shape[1], size[1])
    return np.einsum("ai,bj,ij...->ab...", rows, columns, values, optimize=True).astype(np.float32)


def _step(n: int, m: int) -> np.float32:
    # TensorFlow keeps positions in float32, which is 4e-6 of a pixel at pixel 64
    return np.float32(n - 1) / np.float32(m - 1) if m > 1 else np.float32(n) / np.float32(m)


def _cubic(n: int, m: int) -> np.ndarray:
    """Weights (m, n) of n pixels in m."""
    at = np.arange(m, dtype=np.float32) * _step(n, m)
    low = np.floor(at).astype(np.int64)
    share = np.rint((at - low) * STEPS) / STEPS
    weights = np.zeros((m, n))
    for k in range(-1, 3):
        x = np.abs(share - k)
        near = ((A + 2) * x - (A + 3)) * x * x + 1
        far = ((A * x - 5 * A) * x + 8 * A) * x - 4 * A
        value = np.where(x <= 1, near, np.where(x < 2, far, 0.0))
        np.add.at(weights, (np.arange(m), np.clip(low + k, 0, n - 1)), value)
    return weights


def _area(n: int, m: int) -> np.ndarray:
    """Weights (m, n) of n pixels in m; what lies beyond the last pixel is the last pixel."""
    step = _step(n, m)
    start = np.arange(m, dtype=np.float32)[:, None] * step
    end = np.arange(1, m + 1, dtype=np.float32)[:, None] * step
    pixel = np.arange(2 * n, dtype=np.float64)
    covered = np.clip(np.minimum(pixel + 1, end) - np.maximum(pixel, start), 0, None)
    covered[(pixel < start) & (end < pixel + 1)] = (
        step  # within one pixel: not end - start, rounded
    )
    weights = covered[:, :n].copy()
    weights[:, -1] += covered[:, n:].sum(axis=1)
    return weights / step
