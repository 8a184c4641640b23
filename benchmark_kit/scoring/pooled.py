"""All images' fixations together, on the grid of any one image: what shuffled AUC counts
against.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from benchmark_kit.dialects import Dialect
from benchmark_kit.imaging.counting import count_pixels
from benchmark_kit.prepared.pair import PackedWeights
from benchmark_kit.scoring.points import dialect_index, repeated_points
from benchmark_kit.types import Fixations, GroundTruth

OTHERS_DRAWN = 10  # images whose union makes the negatives in the MIT code


class PooledFixations:
    """The positives of all images, scaled to the size of the image that is judged.

    Points of another image are scaled by the ratio of the sizes in float64, then truncated. Where
    all images have one size only its counts are kept, however many points there are.

    Args:
        images: ground truths; those without fixations supply nothing.
        dialect: says whether repeats count, and which points are left out.
        keep_points: keep the points themselves, for drawing single images.
    """

    def __init__(self, images: Iterable[GroundTruth], dialect: Dialect, keep_points: bool = False):
        self.per_image = dialect.negatives == "images"
        self.names: list[str] = []
        self._sizes: list[tuple[int, int]] = []
        self._x: list[np.ndarray] = []
        self._y: list[np.ndarray] = []
        sizes = set()
        for truth in images:
            sizes.add(truth.size)
            if truth.fixations is None or not len(truth.fixations):
                continue
            x, y = _points(truth.fixations, dialect)
            self.names.append(truth.name)
            self._sizes.append(truth.size)
            self._x.append(x)
            self._y.append(y)
        self._counts: dict[tuple[int, int], np.ndarray] = {}
        self._packed: dict[tuple[int, int], PackedWeights | None] = {}
        self._totals: dict[tuple[int, int], int] = {}
        if len(sizes) == 1 and not keep_points:
            self.counts(sizes.pop())
            self._x, self._y = [], []

    @property
    def suppliers(self) -> int:
        """Number of images that supply points."""
        return len(self.names)

    def counts(self, size: tuple[int, int]) -> np.ndarray:
        """How often each pixel of an image of this size is fixated, all images counted.

        Returns:
            whole numbers as float64 (height * width,); with negatives `"images"` an image counts
            once a pixel.
        """
        if size not in self._counts:
            total = self._count(size)
            if len(self._counts) >= 8:
                # data sets of many sizes: keep the few in use, images come grouped by size
                oldest = next(iter(self._counts))
                del self._counts[oldest]
                self._packed.pop(oldest, None)
            self._counts[size] = total
        return self._counts[size]

    def _count(self, size: tuple[int, int]) -> np.ndarray:
        indices = (self._scaled(k, size) for k in range(len(self._x)))
        lists = map(np.unique, indices) if self.per_image else indices
        return count_pixels(lists, size[0] * size[1]).astype(np.float64)

    def total(self, size: tuple[int, int]) -> int:
        """Sum of the counts."""
        if size not in self._totals:
            self._totals[size] = int(self.counts(size).sum())
        return self._totals[size]

    def packed(self, size: tuple[int, int]) -> PackedWeights | None:
        """The counts packed with the pixels, or None where they are too many for that."""
        if size not in self._packed:
            try:
                self._packed[size] = PackedWeights(self.counts(size))
            except OverflowError:
                self._packed[size] = None
        return self._packed[size]

    def drawn_union(
        self, name: str, size: tuple[int, int], generator: np.random.Generator
    ) -> np.ndarray:
        """Distinct pixels touched in ten other images drawn at random (all, if fewer)."""
        others = [k for k in range(len(self.names)) if self.names[k] != name]
        drawn: Any = (
            generator.choice(others, size=min(OTHERS_DRAWN, len(others)), replace=False)
            if others
            else []
        )
        parts = [self._scaled(int(k), size) for k in drawn]
        return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)

    @cached_property
    def known(self) -> frozenset[str]:
        """Names of the images that supply points."""
        return frozenset(self.names)

    def _scaled(self, k: int, size: tuple[int, int]) -> np.ndarray:
        (height, width), (own_height, own_width) = size, self._sizes[k]
        x = np.trunc(self._x[k] * (width / own_width)).astype(np.int64)
        y = np.trunc(self._y[k] * (height / own_height)).astype(np.int64)
        # a point within an ulp of the far edge may be rounded onto it
        return np.minimum(y, height - 1) * width + np.minimum(x, width - 1)


def _points(fixations: Fixations, dialect: Dialect) -> tuple[np.ndarray, np.ndarray]:
    if dialect.filter_duplicates:
        kept = repeated_points(fixations.flat_index)
        return (kept % fixations.size[1]).astype(float), (kept // fixations.size[1]).astype(float)
    return fixations.x, fixations.y


def own_points(fixations: Fixations, dialect: Dialect) -> np.ndarray:
    """An image's own share of the pool, as row-major pixels to take off again."""
    index = dialect_index(fixations, dialect)
    return np.unique(index) if dialect.negatives == "images" else index
