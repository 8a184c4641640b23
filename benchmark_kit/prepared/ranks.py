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

    No sort of the pixels: a monotone 16-bit key of each pixel looks up how many positives lie above
    it; only pixels whose key a positive shares are compared with the positives themselves (a 16-bit
    map is its own key, and none is in doubt).

    Args:
        positives: values at the fixations in the pixels' type, (n,).
        pixels: all values, uint16 or float, (N,), among them every positive's.
        weights: how often each pixel is a negative, float64 (N,).

    Returns:
        (2U against every pixel once, 2U against the weighted pixels; 0 without weights).
    """
    exact_keys = pixels.dtype == np.uint16
    ordered = np.sort(positives)
    key, lowest_apart = (lambda values: values, True) if exact_keys else _key(pixels, ordered[:1])
    occupied = np.bincount(key(positives), minlength=65536)
    above = np.cumsum(occupied[::-1])[::-1] - occupied
    table = 2 * above + occupied
    if not exact_keys:
        table[lowest_apart:][occupied[lowest_apart:] > 0] = -1
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


def _key(
    pixels: np.ndarray, lowest_positive: np.ndarray
) -> tuple[Callable[[np.ndarray], np.ndarray], bool]:
    """A monotone function from the pixels' values to 0..65535, and whether its 0 is one value.

    Of a map that is flat where nothing is, most pixels have the lowest value; where positives have
    it too, none of them is in doubt.
    """
    low, high = float(pixels.min()), float(pixels.max())
    if low >= 0.0 and 0.0 < high < LARGEST_FLOAT32:
        # bits of a non-negative float ascend with its value: even cells for heavy-tailed maps
        apart = low < high and (low == 0.0 or low in lowest_positive)
        least_value = (pixels[pixels > low] if apart else pixels).min()
        least = int(np.float32(least_value).view(np.int32))
        bit_span = int(np.float32(high).view(np.int32)) - least
        shift = max(0, (bit_span + 1).bit_length() - 16)
        offset = least - (1 << shift)  # the lowest value gets the cell below the others

        def of_bits(values: np.ndarray) -> np.ndarray:
            bits = values.astype(np.float32).view(np.int32)
            np.maximum(bits, max(offset, 0), out=bits)  # of -0.0 they are negative
            bits -= offset
            bits >>= shift
            return np.minimum(bits, 65535, out=bits)

        return of_bits, apart
    span = high / 65535.0 - low / 65535.0
    if not 0.0 < span < LARGEST_FLOAT32:
        # one value, or a range beyond all use: one cell, so that every pixel is compared
        return lambda values: np.zeros(len(values), np.int32), False
    # in float64: the range of a float32 map may be no float32
    return lambda values: ((values.astype(np.float64) - low) / span).astype(np.int32), False


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
