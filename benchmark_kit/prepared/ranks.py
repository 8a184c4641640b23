"""Exact areas under the ROC curve as one integer, 2U, divided once.

2U counts pairs of a positive and a negative: 2 where the positive's value is larger, 1 where the
two are equal. Every path (gray-level counts, sorted values, rank tables) makes the same integer, so
they agree to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmark_kit.prepared.forms import PreparedTruth, blocks

NAN = float("nan")
LARGEST_FLOAT32 = 3e38


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

    Args:
        positives: values at the fixations in the pixels' type, (n,).
        pixels: all values, uint16 or float, (N,), among them every positive's.
        weights: how often each pixel is a negative, whole numbers as float64 (N,).

    Returns:
        (2U against every pixel once, 2U against the weighted pixels; 0 without weights).
    """
    low = pixels.min()
    above = pixels > low
    high_ones = np.count_nonzero(above)
    lowest_positives = np.count_nonzero(positives == low)
    if 2 * high_ones > len(pixels) and not lowest_positives:
        return _two_u(positives, pixels, weights)
    # a map that is flat where nothing is: all pixels there make the same number of pairs
    pairs = 2.0 * len(positives) - lowest_positives
    everywhere, weighted = pairs * (len(pixels) - high_ones), 0.0
    if weights is not None:
        # whole numbers: their sums are exact
        total, weights = weights.sum(), weights[above]
        weighted = pairs * (total - weights.sum())
    if lowest_positives < len(positives):
        found = _two_u(positives[positives > low], pixels[above], weights)
        everywhere, weighted = everywhere + found[0], weighted + found[1]
    return float(everywhere), float(weighted)


def _two_u(
    positives: np.ndarray, pixels: np.ndarray, weights: np.ndarray | None
) -> tuple[float, float]:
    """No sort of the pixels: a monotone 16-bit key of each pixel looks up how many positives lie
    above it; only pixels whose key a positive shares are compared with the positives themselves (a
    16-bit map is its own key, and none is in doubt).
    """
    exact_keys = pixels.dtype == np.uint16
    key = (lambda values: values) if exact_keys else _key(pixels)
    ordered = np.sort(positives)
    occupied = np.bincount(key(positives), minlength=65536)
    above = np.cumsum(occupied[::-1])[::-1] - occupied
    table = 2 * above + occupied
    if not exact_keys:
        table[occupied > 0] = -1
    table = table.astype(np.float64)  # sums below are whole numbers far under 2**53
    everywhere = weighted = 0.0
    for part in blocks(len(pixels)):
        values = pixels[part]
        pairs = table.take(key(values))
        if not exact_keys:
            doubtful = np.flatnonzero(pairs < 0)
            if len(doubtful):
                near = values[doubtful]
                right = np.searchsorted(ordered, near, side="right")
                exact = 2.0 * (len(ordered) - right)
                ties = np.flatnonzero(ordered[np.maximum(right - 1, 0)] == near)
                left = np.searchsorted(ordered, near[ties], side="left")
                exact[ties] += right[ties] - left
                pairs[doubtful] = exact
        everywhere += pairs.sum()
        if weights is not None:
            weighted += np.dot(pairs, weights[part])
    return float(everywhere), float(weighted)


def _key(pixels: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """A monotone function from the pixels' values to 0..65535."""
    low, high = float(pixels.min()), float(pixels.max())
    if low >= 0.0 and 0.0 < high < LARGEST_FLOAT32:
        # bits of a non-negative float ascend with its value: even cells for heavy-tailed maps
        positive = pixels[pixels > 0] if low == 0.0 else pixels
        least = int(np.float32(positive.min()).view(np.int32))
        bit_span = int(np.float32(high).view(np.int32)) - least
        shift = max(0, (bit_span + 1).bit_length() - 16)
        offset = least - (1 << shift)  # zeros get the cell below the least value

        def of_bits(values: np.ndarray) -> np.ndarray:
            bits = values.astype(np.float32).view(np.int32)
            np.maximum(bits, max(offset, 0), out=bits)  # of -0.0 they are negative
            bits -= offset
            bits >>= shift
            return np.minimum(bits, 65535, out=bits)

        return of_bits
    span = high / 65535.0 - low / 65535.0
    if not 0.0 < span < LARGEST_FLOAT32:
        # one value, or a range beyond all use: one cell, so that every pixel is compared
        return lambda values: np.zeros(len(values), np.int32)
    # in float64: the range of a float32 map may be no float32
    return lambda values: ((values.astype(np.float64) - low) / span).astype(np.int32)


def pixel_ranks(prepared: Any, truth: PreparedTruth) -> tuple[float, float]:
    """2U against all pixels and against the counted negatives, computed once for both metrics."""
    kept = prepared.ranks
    if kept is None or kept[0] is not truth:
        weights = getattr(truth.negatives, "counts", None)
        # ties are those of the stored type, whatever a dialect divides by
        positives = prepared.raw[truth.index]
        kept = (truth, two_u_of_pixels(positives, prepared.raw, weights))
        prepared.ranks = kept
    return kept[1]
