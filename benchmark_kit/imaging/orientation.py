"""EXIF orientation: how a stored grid is turned to be seen upright, and how a map is turned back.

Benchmarks and tables of fixations refer to the stored grid; a person's photograph is meant upright.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

UPRIGHT, TAG = 1, 0x0112
TURNED = (5, 6, 7, 8)  # orientations that swap height and width
# orientation -> how the stored grid becomes upright (EXIF 2.32, 4.6.4 A)
TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda grid: grid,
    2: lambda grid: grid[:, ::-1],
    3: lambda grid: grid[::-1, ::-1],
    4: lambda grid: grid[::-1],
    5: lambda grid: grid.swapaxes(0, 1),
    6: lambda grid: grid.swapaxes(0, 1)[:, ::-1],
    7: lambda grid: grid.swapaxes(0, 1)[::-1, ::-1],
    8: lambda grid: grid.swapaxes(0, 1)[::-1],
}
TRANSPOSED = "map.T"
# orientation -> the line of numpy that brings an upright map back to the stored grid
BACK = {
    5: TRANSPOSED,
    6: "numpy.rot90(map)",
    7: "map[::-1, ::-1].T",
    8: "numpy.rot90(map, -1)",
}


def upright(grid: np.ndarray, orientation: int) -> np.ndarray:
    """A stored grid (height, width[, channels]) as it is meant to be seen."""
    return np.ascontiguousarray(TURNS[orientation](grid))
