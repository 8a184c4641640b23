"""Exact areas under the ROC curve as one integer, 2U, divided once.

2U counts pairs of a positive and a negative: 2 where the positive's value is larger, 1 where the two
are equal. Every path (gray-level counts, sorted values, rank tables) makes the same integer, so they
agree to the last bit.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.metrics._prepared import PreparedMap, PreparedTruth

NAN = float("nan")


def area(two_u: float, positives: float, negatives: float) -> float:
    """The area from 2U and the numbers of positives and negatives; nan if either is none."""
    return float(two_u) / (2.0 * positives * negatives) if positives and negatives else NAN


def two_u_of_levels(positives: np.ndarray, negatives: np.ndarray) -> float:
    """2U from counts by gray level, ascending, of shape (levels,)."""
    below_or_half = 2 * np.cumsum(negatives) - negatives
    return float(np.dot(positives, below_or_half))


def two_u_of_values(positives: np.ndarray, ordered: np.ndarray) -> float:
    """2U of positives' values against negatives' values in ascending order."""
    left = np.searchsorted(ordered, positives, side="left")
    right = np.searchsorted(ordered, positives, side="right")
    return float(left.sum() + right.sum())


def two_u_of_pixels(
    positives: np.ndarray, pixels: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, float]:
    """2U of positives against all pixels, and against pixels counted `weights` times.

    No sort of the pixels: a monotone 16-bit key of each pixel looks up how many positives lie above
    it; only pixels whose key a positive shares are compared with the positives themselves.

    Args:
        positives: values at the fixations, (n,).
        pixels: all values, float (N,), among them every positive's.
        weights: how often each pixel is a negative, (N,).

    Returns:
        (2U against every pixel once, 2U against the weighted pixels; 0 without weights).
    """
    keys, of_positives = _keys(pixels, positives)
    ordered = np.sort(positives)
    occupied = np.bincount(of_positives, minlength=65536)
    above = np.cumsum(occupied[::-1])[::-1] - occupied
    table = 2 * above
    table[occupied > 0] = -1
    # int32 gathers faster, and 2 * positives is far below its range
    pairs = table.astype(np.int32)[keys]
    doubtful = np.flatnonzero(pairs < 0)
    if len(doubtful):
        values = pixels[doubtful]
        right = np.searchsorted(ordered, values, side="right")
        exact = 2 * (len(ordered) - right)
        left = np.searchsorted(ordered, values, side="left")
        pairs[doubtful] = exact + (right - left)
    everywhere = float(pairs.sum(dtype=np.int64))
    return everywhere, 0.0 if weights is None else float(np.dot(pairs.astype(np.float64), weights))


def _keys(pixels: np.ndarray, positives: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Monotone 16-bit keys of pixels and of positives."""
    low, high = float(pixels.min()), float(pixels.max())
    if low >= 0.0 and high > 0.0:
        # bits of a non-negative float ascend with its value: even cells for heavy-tailed maps
        bits = pixels.astype(np.float32).view(np.int32)
        least = int(bits[bits > 0].min()) if (bits > 0).any() else 0
        span = int(np.float32(high).view(np.int32)) - least
        shift = max(0, (span + 1).bit_length() - 16)
        offset = least - (1 << shift)

        def key(values: np.ndarray) -> np.ndarray:
            of = values.astype(np.float32).view(np.int32)
            return np.minimum(np.maximum(of - offset, 0) >> shift, 65535)

        return key(pixels), key(positives)
    scale = 65535.0 / (high - low) if high > low else 0.0
    if not np.isfinite(scale):
        scale = 0.0
    return ((pixels - low) * scale).astype(np.int32), ((positives - low) * scale).astype(np.int32)


def pixel_ranks(prepared: PreparedMap, truth: PreparedTruth) -> tuple[float, float]:
    """2U against all pixels and against the counted negatives, computed once for both metrics."""
    kept = getattr(prepared, "ranks", None)
    if kept is None or kept[0] is not truth:
        counts = getattr(truth.negatives, "counts", None)
        kept = (truth, two_u_of_pixels(prepared.at(truth.index), prepared.flat, counts))
        prepared.ranks = kept
    return kept[1]
