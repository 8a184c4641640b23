"""The grids of holes: every pixel lies in exactly one square of each scale, whole or round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

SIDE = 512
SCALES = (16, 32, 64, 128)
SHAPES = ("square", "circle")


@dataclass(frozen=True)
class Hole:
    """One hole.

    Args:
        top: first row.
        left: first column.
        side: pixels of its side.
        shape: the whole `"square"`, or the `"circle"` inside it.
    """

    top: int
    left: int
    side: int
    shape: str = "square"

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the square."""
        return slice(self.top, self.top + self.side), slice(self.left, self.left + self.side)

    def mask(self, size: tuple[int, int]) -> np.ndarray:
        """float32 (height, width): 1 where the picture is kept, 0 in the hole."""
        valid = np.ones(size, np.float32)
        valid[self.window][self.inside] = 0
        return valid

    @property
    def inside(self) -> np.ndarray:
        """Bool (side, side): which pixels of the square are hidden."""
        if self.shape == "square":
            return np.ones((self.side, self.side), bool)
        off = np.arange(self.side) + 0.5 - self.side / 2
        return off[:, None] ** 2 + off**2 <= (self.side / 2) ** 2


def holes(
    scale: int, step: int = 1, size: tuple[int, int] = (SIDE, SIDE), shape: str = "square"
) -> Iterator[Hole]:
    """The holes of one scale, row by row.

    Args:
        scale: side of a hole; divides both sides of the picture.
        step: take every step-th hole of a row and every step-th row of holes.
        size: (height, width) of the picture.
        shape: of the holes, one of `SHAPES`.

    Raises:
        ValueError: a scale that does not divide the picture, a step below 1, an unknown shape.
    """
    if shape not in SHAPES:
        raise ValueError(f"shape must be one of {', '.join(SHAPES)}, got {shape!r}")
    if size[0] % scale or size[1] % scale:
        raise ValueError(
            f"holes of {scale} do not fill {size[0]}x{size[1]}. Fix: a divisor of both"
        )
    if step < 1:
        raise ValueError(f"step must be 1 or more, got {step}")
    for top in range(0, size[0], scale * step):
        for left in range(0, size[1], scale * step):
            yield Hole(top, left, scale, shape)
