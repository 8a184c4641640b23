"""What is enclosed at every threshold of a feature map, without taking thresholds one by one.

Filling a boolean map from its border, growing it and closing it commute with thresholds, so that
they are done on the gray levels themselves. Only the last steps need the single maps: threshold k
is then bit k of a 32-bit number a pixel. Arrays are (rows, planes, columns), so that one operation
on a row serves all planes.
"""

from __future__ import annotations

import numpy as np


def attention_sum(features: np.ndarray, step: int, grow: int) -> np.ndarray:
    """Sum over thresholds of what is enclosed above or below each, in maps of unit norm.

    Args:
        features: uint8 (planes, height, width).
        step: gray levels between thresholds, at least 8.
        grow: pixels by which enclosed places grow either side.

    Returns:
        float64 (height, width).
    """
    levels = np.ascontiguousarray(features.swapaxes(0, 1))
    bits = ThresholdBits(levels, step)
    above, below = _enclosed(levels, bits)
    return bits.sum_of_unit_maps([_grown(above, grow), _grown(below, grow)])


def attention_sum_closed(features: np.ndarray, step: int, grow: int, gap: int) -> np.ndarray:
    """The same after closing each map; an enclosed place and its holes count in one map.

    Args:
        features: uint8 (planes, height, width).
        step: gray levels between thresholds, at least 8.
        grow: pixels by which enclosed places grow either side.
        gap: maps are closed by a square of 2 gap + 1 pixels.
    """
    levels = np.ascontiguousarray(features.swapaxes(0, 1))
    bits = ThresholdBits(levels, step)
    closed = over_square(over_square(levels, gap, np.maximum), gap, np.minimum)
    opened = over_square(over_square(levels, gap, np.minimum), gap, np.maximum)
    places, holes = _enclosed(np.concatenate([closed, opened], axis=1), bits)
    return bits.sum_of_unit_maps([_grown(places | holes, grow)])


def _enclosed(levels: np.ndarray, bits: ThresholdBits) -> tuple[np.ndarray, np.ndarray]:
    """Bits of the enclosed places above each threshold, and of those below or at it."""
    planes = levels.shape[1]
    both = fill_from_border(np.concatenate([levels, 255 - levels], axis=1))
    own, bright, dark = (bits.of(x) for x in (levels, both[:, :planes], 255 - both[:, planes:]))
    return own & ~bright, dark & ~own


def _grown(maps: np.ndarray, reach: int) -> np.ndarray:
    return over_square(maps, reach, np.bitwise_or)


def fill_from_border(levels: np.ndarray) -> np.ndarray:
    """The highest level at which each pixel is joined, by sides or corners, to the border.

    That is the reconstruction by dilation from the border; above it a pixel is enclosed.

    Args:
        levels: uint8 (rows, planes, columns).
    """
    down, limit = _guarded(levels), _guarded(levels)
    across, limit_across = (_guarded(levels.transpose(2, 1, 0)) for _ in range(2))
    filled, turned = down[..., 1:-1], across[..., 1:-1]
    filled[1:-1, :, 1:-1] = 0
    before = -1
    while (now := int(filled.sum(dtype=np.int64))) != before:
        before = now
        _spread(down, limit)
        turned[:] = filled.transpose(2, 1, 0)
        _spread(across, limit_across)
        filled[:] = turned.transpose(2, 1, 0)
    return filled


def _guarded(levels: np.ndarray) -> np.ndarray:
    rows, planes, columns = levels.shape
    guarded = np.zeros((rows, planes, columns + 2), np.uint8)  # of that layout: rows in one piece
    guarded[..., 1:-1] = levels
    return guarded


def _spread(filled: np.ndarray, limit: np.ndarray) -> None:
    """From each row to the next, down and then up, never above the limit; in place.

    Planes lie side by side in a row; the zeros between them keep them apart.
    """
    rows = filled.reshape(len(filled), -1)
    length = rows.shape[1] - 2
    left, middle, right = (list(rows[:, k : k + length]) for k in range(3))
    most = list(limit.reshape(rows.shape)[:, 1:-1])
    near = np.empty(length, np.uint8)
    last = len(rows) - 1
    for step, order in ((1, range(last)), (-1, range(last, 0, -1))):
        for here in order:
            there = here + step
            np.maximum(left[here], right[here], out=near)
            np.maximum(near, middle[here], out=near)
            np.minimum(near, most[there], out=near)
            np.maximum(middle[there], near, out=middle[there])


def over_square(maps: np.ndarray, reach: int, combine: np.ufunc) -> np.ndarray:
    """Values combined over squares of 2 reach + 1 pixels; what lies outside does not count."""
    for axis in (0, 2):
        moved = np.moveaxis(maps, axis, 0)
        result = moved.copy()
        for shift in range(1, min(reach, len(moved) - 1) + 1):
            combine(result[shift:], moved[:-shift], out=result[shift:])
            combine(result[:-shift], moved[shift:], out=result[:-shift])
        maps = np.moveaxis(result, 0, axis)
    return maps


class ThresholdBits:
    """Boolean maps of all thresholds least, least + step, ... below the largest value of a plane.

    Maps of a multiple of the planes take the planes' thresholds in turn.

    Args:
        levels: uint8 (rows, planes, columns), whose thresholds they are.
        step: at least 8, so that the thresholds fit into 32 bits.
    """

    def __init__(self, levels: np.ndarray, step: int):
        self.tables = []
        for plane in np.moveaxis(levels, 1, 0):
            least, most = int(plane.min()), int(plane.max())
            below = np.clip(-((least - np.arange(256)) // step), 0, -((least - most) // step))
            self.tables.append(((1 << below.astype(np.uint64)) - 1).astype(np.uint32))

    def of(self, levels: np.ndarray) -> np.ndarray:
        """Bit k of a pixel: it is above threshold k; uint32 of the same shape."""
        bits = np.empty(levels.shape, np.uint32)
        for plane in range(levels.shape[1]):
            bits[:, plane] = self._table(plane)[levels[:, plane]]
        return bits

    def _table(self, plane: int) -> np.ndarray:
        return self.tables[plane % len(self.tables)]

    def sum_of_unit_maps(self, sets: list[np.ndarray]) -> np.ndarray:
        """Sum of all boolean maps, each divided by its L2 norm; an empty one adds nothing.

        Args:
            sets: uint32 (rows, planes, columns) each.

        Returns:
            float64 (rows, columns).
        """
        total = np.zeros((sets[0].shape[0], sets[0].shape[2]))
        digits = (np.arange(256)[:, None] >> np.arange(8)) & 1  # bits of each byte
        for maps in sets:
            for plane in range(maps.shape[1]):
                bits = maps[:, plane]
                for shift in range(0, int(self._table(plane).max()).bit_length(), 8):
                    octet = ((bits >> shift) & 255).astype(np.uint8)
                    pixels = np.bincount(octet.ravel(), minlength=256) @ digits
                    share = np.divide(1, np.sqrt(pixels), out=np.zeros(8), where=pixels > 0)
                    total += (digits @ share)[octet]
        return total
