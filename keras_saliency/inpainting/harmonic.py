"""A hole filled by the harmonic function of its rim: an inpainter that needs no weights.

Each filled pixel is the mean of its neighbours (Laplace's equation); pixels around the hole are
given, beyond the picture's border nothing flows. The system of a hole depends on its form and on
which of its sides lie on the border: it is factorised once and solved for all holes and channels.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

# what stands before a pixel, after it, to its left and to its right
SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))


class HarmonicInpainter:
    """`inpainter(pictures, masks) -> pictures` with holes filled; valid pixels are unchanged."""

    name = "harmonic"

    def __call__(self, pictures: np.ndarray, masks: np.ndarray) -> np.ndarray:
        """Fill the holes of each picture.

        Args:
            pictures: float32 (batch, height, width, 3), in 0..1.
            masks: float32 (batch, height, width), 1 valid, 0 hole; holes of any form.

        Returns:
            float32 of the pictures' shape.

        Raises:
            ValueError: a mask that hides the whole picture.
        """
        filled = pictures.copy()
        for picture, mask in zip(filled, masks, strict=True):
            hole = mask < 1
            if hole.all():
                raise ValueError(
                    "the mask hides the whole picture: there is nothing to fill it from"
                )
            if hole.any():
                _fill(picture, hole)
        return filled


def _fill(picture: np.ndarray, hole: np.ndarray) -> None:
    rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    known = (
        rows[0] > 0,
        rows[-1] + 1 < hole.shape[0],
        columns[0] > 0,
        columns[-1] + 1 < hole.shape[1],
    )
    # a ring around: given values where there is a picture, nothing beyond its border
    ring = [(int(known[0]), int(known[1])), (int(known[2]), int(known[3]))]
    around = tuple(
        slice(side.start - before, side.stop + after)
        for side, (before, after) in zip(window, ring, strict=True)
    )
    values = np.where(hole[around][..., None], 0.0, picture[around])
    missing = [(1 - before, 1 - after) for before, after in ring]
    values = np.pad(values, [*missing, (0, 0)])
    inner = hole[window]
    height, width = inner.shape
    given = sum(
        values[1 + down : 1 + down + height, 1 + right : 1 + right + width][inner]
        for down, right in SIDES
    )
    system = _system(np.packbits(inner).tobytes(), inner.shape, known)
    picture[window][inner] = system.solve(np.ascontiguousarray(given))


@lru_cache(maxsize=32)
def _system(form: bytes, size: tuple[int, int], known: tuple[bool, bool, bool, bool]) -> Any:
    """The factorised Laplace matrix of a hole; `known`: pixels above, below, left, right exist."""
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import splu

    height, width = size
    hole = np.unpackbits(np.frombuffer(form, np.uint8), count=height * width).astype(bool)
    hole = hole.reshape(size)
    number = np.full((height + 2, width + 2), -1)
    number[1:-1, 1:-1][hole] = np.arange(hole.sum())
    exists = np.ones((height + 2, width + 2), bool)
    exists[0], exists[-1] = known[0], known[1]
    exists[:, 0] &= known[2]
    exists[:, -1] &= known[3]
    own = number[1:-1, 1:-1][hole]
    neighbours = np.zeros(len(own))
    rows, columns = [], []
    for down, right in SIDES:
        view = slice(1 + down, 1 + down + height), slice(1 + right, 1 + right + width)
        neighbours += exists[view][hole]
        other = number[view][hole]
        rows.append(own[other >= 0])
        columns.append(other[other >= 0])
    off = np.concatenate(rows), np.concatenate(columns)
    values = np.concatenate([neighbours, -np.ones(len(off[0]))])
    at = tuple(np.concatenate([own, part]) for part in off)
    return splu(coo_array((values, at), shape=(len(own),) * 2).tocsc())
