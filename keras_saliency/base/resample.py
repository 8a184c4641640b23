"""Arrays scaled by named kernels, which are named because libraries differ.

bilinear      half-pixel centres, no smoothing before shrinking (OpenCV linear, `resize` of TF 2)
antialiased   bilinear with a wider kernel when shrinking (Pillow)
area          mean over the covered area when shrinking, else bilinear (OpenCV area)
bicubic       Keys' a = -0.5 with a wider kernel when shrinking (Pillow)
aligned       area when shrinking, cubic (a = -0.75) when enlarging, as TensorFlow 1 did with
              `align_corners=True`: the first and the last pixel of a line stay the first and the
              last, output k lies at k (n - 1)/(m - 1)
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Kernel = Literal["bilinear", "antialiased", "area", "bicubic", "aligned"]
Size = tuple[int, int]
CUBIC = -0.75
STEPS = 1024  # TensorFlow rounds the position between two pixels to this share


def resample(values: np.ndarray, size: Size, kernel: Kernel) -> np.ndarray:
    """Scale an array by a named kernel.

    Args:
        values: float32 (height, width[, channels]).
        size: wanted (height, width).
        kernel: see the module.

    Returns:
        float32 of that size.
    """
    size = (int(size[0]), int(size[1]))
    if values.shape[:2] == size:
        return values
    if kernel == "bilinear" or (kernel == "area" and not _shrinks(values, size)):
        return _bilinear(_bilinear(values, size[0], 0), size[1], 1)
    if kernel == "aligned":
        return _aligned(values, size)
    from PIL import Image

    filters = {
        "antialiased": Image.Resampling.BILINEAR,
        "area": Image.Resampling.BOX,
        "bicubic": Image.Resampling.BICUBIC,
    }
    planes = values[..., None] if values.ndim == 2 else values
    scaled = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(planes[..., k])).resize(
                size[::-1], filters[kernel]
            )
        )
        for k in range(planes.shape[2])
    ]
    out = np.stack(scaled, axis=-1)
    return out[..., 0] if values.ndim == 2 else out


def _shrinks(values: np.ndarray, size: Size) -> bool:
    return size[0] <= values.shape[0] and size[1] <= values.shape[1]


def _bilinear(values: np.ndarray, wanted: int, axis: int) -> np.ndarray:
    n = values.shape[axis]
    if n == wanted:
        return values
    at = np.clip((np.arange(wanted) + 0.5) * n / wanted - 0.5, 0, n - 1)
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, n - 1)
    shape = [1] * values.ndim
    shape[axis] = wanted
    weight = (at - low).astype(np.float32).reshape(shape)
    below, above = np.take(values, low, axis), np.take(values, high, axis)
    return below + (above - below) * weight


def _aligned(values: np.ndarray, size: Size) -> np.ndarray:
    """By area if a side shrinks (`resize_area`), else by the cubic, which may overshoot."""
    shrinks = size[0] < values.shape[0] or size[1] < values.shape[1]
    (height, width), rest = values.shape[:2], values.shape[2:]
    rows = _sparse(height, size[0], shrinks) @ values.reshape(height, -1).astype(np.float64)
    across = np.moveaxis(rows.reshape(size[0], width, *rest), 1, 0).reshape(width, -1)
    columns = _sparse(width, size[1], shrinks) @ across
    scaled = np.moveaxis(columns.reshape(size[1], size[0], *rest), 1, 0)
    return np.ascontiguousarray(scaled, np.float32)


@lru_cache(maxsize=64)  # pictures of one size share them
def _sparse(n: int, m: int, shrinks: bool) -> csr_array:
    """Weights (m, n) of n pixels in m, a few a row."""
    from scipy.sparse import csr_array

    return csr_array((_area if shrinks else _cubic)(n, m))


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
        near = ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1
        far = ((CUBIC * x - 5 * CUBIC) * x + 8 * CUBIC) * x - 4 * CUBIC
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
