"""Intervals of a mean over images: the bootstrap, vectorised."""

from __future__ import annotations

import numpy as np


def bootstrap_intervals(
    values: np.ndarray, *, resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Percentile intervals of column means, images drawn with replacement.

    All columns share their draws, so that columns of one table move together. An image where a
    column has no value is left out of that column's mean in every resample.

    Args:
        values: float64 (images, columns), nan where there is no value.
        resamples: number of resamples.
        level: share of the resampled means inside the interval, 0 < level < 1.
        seed: seed of the draws.

    Returns:
        (low, high), each (columns,); nan for columns with fewer than two values.
    """
    images, columns = values.shape
    low, high = np.full(columns, np.nan), np.full(columns, np.nan)
    present = np.isfinite(values)
    if images < 2:
        return low, high
    filled = np.where(present, values, 0.0)
    generator = np.random.Generator(np.random.PCG64(seed))
    means = np.empty((resamples, columns))
    block = max(1, 4_000_000 // images)
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        drawn = generator.integers(images, size=(size, images), dtype=np.int32)
        drawn += (np.arange(size, dtype=np.int32) * images)[:, None]
        weights = np.bincount(drawn.reshape(-1), minlength=size * images).reshape(size, images)
        weights = weights.astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            means[start : start + size] = (weights @ filled) / (weights @ present)
    enough = present.sum(axis=0) >= 2
    if not enough.any():
        return low, high
    tails = [(1 - level) / 2, (1 + level) / 2]
    low[enough], high[enough] = np.nanquantile(means[:, enough], tails, axis=0)
    return low, high
