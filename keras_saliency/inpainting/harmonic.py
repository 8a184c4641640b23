"""A hole filled by the harmonic function of its rim: an inpainter that needs no weights.

Each filled pixel is the mean of its neighbours (Laplace's equation); pixels around the hole are
given, beyond the picture's border nothing flows. The system of a hole depends on its sides and on
which of them lie on the border: it is factorised once and solved for all holes and channels.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np


class HarmonicInpainter:
    """`inpainter(pictures, masks) -> pictures` with holes filled; valid pixels are unchanged."""

    name = "harmonic"

    def __call__(self, pictures: np.ndarray, masks: np.ndarray) -> np.ndarray:
        """Fill one rectangular hole in each picture.

        Args:
            pictures: float32 (batch, height, width, 3), in 0..1.
            masks: float32 (batch, height, width), 1 valid, 0 hole.

        Returns:
            float32 of the pictures' shape.

        Raises:
            ValueError: a mask whose hole is no rectangle, or that hides the whole picture.
        """
        filled = pictures.copy()
        for picture, mask in zip(filled, masks, strict=True):
            rows, columns = np.flatnonzero((mask < 1).any(1)), np.flatnonzero((mask < 1).any(0))
            if not len(rows):
                continue
            top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
            if (mask[top:bottom, left:right] >= 1).any():
                raise ValueError("the harmonic inpainter fills rectangular holes, one a picture")
            if mask.max() < 1:
                raise ValueError(
                    "the mask hides the whole picture: there is nothing to fill it from"
                )
            _fill(picture, int(top), int(bottom), int(left), int(right))
        return filled


def _fill(picture: np.ndarray, top: int, bottom: int, left: int, right: int) -> None:
    height, width = bottom - top, right - left
    known = (top > 0, bottom < picture.shape[0], left > 0, right < picture.shape[1])
    given = np.zeros((height, width, picture.shape[2]))
    if known[0]:
        given[0] += picture[top - 1, left:right]
    if known[1]:
        given[-1] += picture[bottom, left:right]
    if known[2]:
        given[:, 0] += picture[top:bottom, left - 1]
    if known[3]:
        given[:, -1] += picture[top:bottom, right]
    solved = _system(height, width, known).solve(given.reshape(height * width, -1))
    picture[top:bottom, left:right] = solved.reshape(given.shape)


@lru_cache(maxsize=32)
def _system(height: int, width: int, known: tuple[bool, bool, bool, bool]) -> Any:
    """The factorised Laplace matrix of a hole; `known`: pixels above, below, left, right exist."""
    from scipy.sparse import diags, identity, kron
    from scipy.sparse.linalg import splu

    def line(n: int, first: bool, last: bool) -> Any:
        main = np.full(n, 2.0)
        main[0] -= not first
        main[-1] -= not last
        return diags([main, -np.ones(n - 1), -np.ones(n - 1)], [0, 1, -1])

    rows, columns = line(height, *known[:2]), line(width, *known[2:])
    matrix = kron(rows, identity(width)) + kron(identity(height), columns)
    return splu(matrix.tocsc())
