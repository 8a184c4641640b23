"""The negatives of shuffled AUC for one image: the other images' fixations, in three forms."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from benchmark_kit.prepared.pair import PackedWeights


@dataclass(frozen=True, eq=False)
class CountNegatives:
    """How often each pixel is a negative, given as all images' counts and this image's own share.

    Args:
        counts: all images' counts, the image itself included, whole numbers as float64 (n,) in
            row-major order.
        own: row-major pixels to take off again, one count each (repeats allowed), int (k,).
        erase: row-major pixels where no count stays at all (dialect salicon2015), int (m,).
        total: sum of `counts`.
        packed: the same counts packed with the pixels, or None (see `PackedWeights`).
    """

    counts: np.ndarray
    total: int
    own: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    erase: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    packed: PackedWeights | None = None

    def per_pixel(self) -> np.ndarray:
        """Counts without the image's own, int64 (n,)."""
        counts = self.counts.astype(np.int64)
        np.subtract.at(counts, self.own, 1)
        counts[self.erase] = 0
        return counts


@dataclass(frozen=True, eq=False)
class PixelNegatives:
    """Distinct pixels that other images' fixations touch, as row-major numbers (m,)."""

    index: np.ndarray
