"""Which part of a picture a sample shows, and where all that belongs to it lies in the frame.

Picture, density, fixations and prior of a sample go through one `View`, so that they stay on each
other. A fixation is the pixel that it falls on, as everywhere in the kit: its centre is mapped, by
numbers and never as pixels of a map that is resampled.

Pictures are taken to be scaled with half-pixel centres. With the aligned corners of two networks
(`msi_net`, `salicon`) that is up to half a pixel of the frame off at its border.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from benchmark_kit.types import Fixations
from keras_saliency.base.geometry import Plan

Size = tuple[int, int]


@dataclass(frozen=True)
class View:
    """A part of a picture, as the picture's whole would lie in the frame.

    Args:
        plan: of the whole picture.
        top: first row of the part, in pixels of the picture.
        left: first column of it.
        height: of the part, in pixels of the picture.
        width: of it.
        mirrored: left and right exchanged.
    """

    plan: Plan
    top: float
    left: float
    height: float
    width: float
    mirrored: bool = False

    @classmethod
    def whole(cls, plan: Plan, mirrored: bool = False) -> View:
        """All of the picture."""
        return cls(plan, 0.0, 0.0, float(plan.image[0]), float(plan.image[1]), mirrored)

    def holds(self, fixations: Fixations) -> np.ndarray:
        """Which fixations lie in the part, booleans (n,)."""
        y, x = _centres(fixations)
        rows = (y >= self.top) & (y < self.top + self.height)
        return rows & (x >= self.left) & (x < self.left + self.width)

    def points(self, fixations: Fixations, grid: Size) -> np.ndarray:
        """Where the fixations of the part lie on a grid over the frame.

        Args:
            fixations: of the picture, in its pixels.
            grid: (rows, columns) over the whole frame, for instance the network's output.

        Returns:
            float64 (n, 2), x and y in cells: the cell of a point is its truncation.
        """
        kept = self.holds(fixations)
        y, x = (centres[kept] for centres in _centres(fixations))
        down, across = (y - self.top) / self.height, (x - self.left) / self.width
        if self.mirrored:
            across = 1 - across
        plan = self.plan
        placed = [
            (offset + share * inner) * cells / frame
            for share, offset, inner, cells, frame in (
                (across, plan.offset[1], plan.inner[1], grid[1], plan.frame[1]),
                (down, plan.offset[0], plan.inner[0], grid[0], plan.frame[0]),
            )
        ]
        return np.stack(placed, axis=-1)

    def counts(self, fixations: Fixations, grid: Size) -> np.ndarray:
        """How many fixations of the part fall on each cell, int64 of the grid's size."""
        x, y = self.points(fixations, grid).astype(np.int64).T
        return np.bincount(y * grid[1] + x, minlength=grid[0] * grid[1]).reshape(grid)

    def weights(self, size: Size, grid: Size) -> tuple[Any, Any]:
        """Matrices that bring a map of the whole picture onto the grid: `rows @ map @ columns.T`.

        A cell gets the mean over the area that it covers, or bilinearly what lies at its centre
        where it is smaller than a pixel; cells of padding get zero.

        Args:
            size: (rows, columns) of the map, which may be coarser or finer than the picture.
            grid: (rows, columns) over the whole frame.

        Returns:
            sparse float64 (grid rows, rows) and (grid columns, columns).
        """
        plan = self.plan
        first = self.top, self.left
        covered = self.height, self.width
        rows, columns = (
            _axis(
                size[k],
                first[k] / plan.image[k] * size[k],
                covered[k] / plan.image[k] * size[k],
                (plan.frame[k], plan.inner[k], plan.offset[k]),
                grid[k],
                k == 1 and self.mirrored,
            )
            for k in (0, 1)
        )
        return rows, columns


def _centres(fixations: Fixations) -> tuple[np.ndarray, np.ndarray]:
    return np.floor(fixations.y) + 0.5, np.floor(fixations.x) + 0.5


@lru_cache(maxsize=64)
def _axis(
    n: int,
    first: float,
    covered: float,
    place: tuple[int, int, int],
    cells: int,
    mirrored: bool,
) -> Any:
    """Weights (cells, n) of a line's n pixels, of which `covered` from `first` on are shown.

    Sparse: most are zero, and a dense product would be split over threads by the BLAS, which the
    threads that make batches do already: on a busy machine that took twenty times as long.
    """
    from scipy.sparse import csr_array

    frame, inner, offset = place
    edges = (np.arange(cells + 1) * frame / cells - offset) / inner  # 0..1 inside the picture
    if mirrored:
        edges = 1 - edges[::-1]  # the same cells from the other end
    if cells * inner >= covered * frame:  # cells are smaller than pixels
        centre = (edges[1:] + edges[:-1]) / 2
        at = np.clip(first + centre * covered - 0.5, 0, n - 1)
        low = np.minimum(at.astype(np.int64), max(n - 2, 0))
        weights = np.zeros((cells, n))
        weights[np.arange(cells), low] = 1 - (at - low)
        weights[np.arange(cells), np.minimum(low + 1, n - 1)] += at - low
        weights[(centre < 0) | (centre > 1)] = 0
    else:
        low, high = (
            first + np.clip(edge, 0, 1)[:, None] * covered for edge in (edges[:-1], edges[1:])
        )
        pixel = np.arange(n)
        overlap = np.minimum(high, pixel + 1) - np.maximum(low, pixel)
        weights = np.maximum(overlap, 0) / ((edges[1] - edges[0]) * covered)
    return csr_array(weights[::-1] if mirrored else weights)
