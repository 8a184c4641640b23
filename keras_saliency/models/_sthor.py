"""Operations of sthor's visual hierarchies, which eDN is made of, and a walk through one.

Arrays are float32 (height, width, channels). The operations themselves lose a border of their
window; inside a hierarchy zeros are put around first, so that sizes stay until a pool halves them.
Source: nsf-ri-ubicv/sthor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EPSILON = np.float32(1e-4)
SEED = 42  # of every filter bank
ROWS = 2**20  # numbers of a matrix of windows at a time


@dataclass(frozen=True)
class Norm:
    """A local normalisation, see `normalise`."""

    size: int
    stretch: float
    threshold: float
    remove_mean: bool = False


@dataclass(frozen=True)
class Block:
    """A filter bank with clipping, a pool and a normalisation.

    Args:
        filters: their number.
        size: of each.
        low: what is below becomes it; None: nothing is cut.
        high: what is above becomes it.
        pool: window of the pool.
        order: its exponent.
        norm: what follows.
    """

    filters: int
    size: int
    low: float | None
    high: float | None
    pool: int
    order: int
    norm: Norm


@dataclass(frozen=True)
class Hierarchy:
    """A model: its colours (`"rgb"` or `"yuv"`), a first normalisation, and blocks."""

    colour: str
    first: Norm
    blocks: tuple[Block, ...]


def features(picture: np.ndarray, hierarchy: Hierarchy) -> np.ndarray:
    """What a hierarchy makes of a picture.

    Args:
        picture: uint8 (height, width, 3), in the hierarchy's colours.
        hierarchy: which.

    Returns:
        float32 (rows, columns, filters of the last block), each block having halved the sides.
    """
    x = _normalised(picture.astype(np.float32), hierarchy.first)
    for block in hierarchy.blocks:
        x = correlate(
            _with_zeros(x, block.size), filter_bank(block.filters, block.size, x.shape[2])
        )
        if block.low is not None or block.high is not None:
            x = np.clip(x, block.low, block.high)
        x = pool(_with_zeros(x, block.pool), block.pool, block.order)
        x = _normalised(x, block.norm)
    return x


def _normalised(x: np.ndarray, norm: Norm) -> np.ndarray:
    padded = _with_zeros(x, norm.size)
    return normalise(padded, norm.size, norm.remove_mean, norm.stretch, norm.threshold)


def _with_zeros(x: np.ndarray, size: int) -> np.ndarray:
    around = (size // 2, (size - 1) // 2)
    return np.pad(x, (around, around, (0, 0)))


def normalise(
    x: np.ndarray, size: int, remove_mean: bool, stretch: float, threshold: float
) -> np.ndarray:
    """Values over the root of the sum of squares of their window, over all channels together.

    Args:
        x: (height, width, channels).
        size: of the window.
        remove_mean: whether the window's mean is taken off first, and its share of the squares.
        stretch: factor of values and roots.
        threshold: stretched roots below it become 1, so that flat places are not blown up.

    Returns:
        (height - size + 1, width - size + 1, channels).
    """
    squares = _window_sums(np.square(x, dtype=np.float64).sum(axis=2), size)
    start = size // 2
    centre = x[start : start + squares.shape[0], start : start + squares.shape[1]]
    if remove_mean:
        count = size * size * x.shape[2]
        total = _window_sums(x.sum(axis=2, dtype=np.float64), size)
        squares -= total**2 / count
        centre = centre - (total / count).astype(np.float32)[..., None]
    root = np.sqrt(np.maximum(squares, 0)).astype(np.float32) + EPSILON
    root *= np.float32(stretch)
    root[root < np.float32(threshold) + EPSILON] = 1
    return centre * np.float32(stretch) / root[..., None]


def pool(x: np.ndarray, size: int, order: int, stride: int = 2) -> np.ndarray:
    """(sum of x^order over each window)^(1/order) of each channel, at every stride-th place.

    Args:
        x: (height, width, channels).
        size: of the window.
        order: whole; 1 is a plain sum; with a large even one the largest absolute value counts.
        stride: between places.
    """
    sums = _window_sums(_power(x, order), size, stride)
    return sums if order == 1 else np.power(sums, np.float32(1 / order))


def _power(x: np.ndarray, order: int) -> np.ndarray:
    """By squaring, several times faster than `np.power`."""
    while order % 2 == 0:
        x, order = x * x, order // 2
    result = x
    while order := order // 2:
        x = x * x
        if order % 2:
            result = result * x
    return result


def _window_sums(x: np.ndarray, size: int, stride: int = 1) -> np.ndarray:
    """Sums over windows that lie inside, along rows and then along columns."""
    for axis in (0, 1):
        stop = x.shape[axis] - size + 1
        parts = (x[_along(axis, k, k + stop, stride)] for k in range(size))
        total = next(parts).copy()
        for part in parts:
            total += part
        x = total
    return x


def _along(axis: int, start: int, stop: int, step: int) -> tuple[slice, ...]:
    part = slice(start, stop, step)
    return (part,) if axis == 0 else (slice(None), part)


def filter_bank(count: int, size: int, channels: int) -> np.ndarray:
    """Random filters of mean 0 and length 1, float32 (size, size, channels, count).

    The same numbers in every layer of the same shape: the generator starts anew for each.
    """
    # the original's generator, whose numbers these must be
    rng = np.random.RandomState(SEED)
    bank = rng.uniform(size=(count, size, size, channels)).reshape(count, -1)
    bank -= bank.mean(axis=1, keepdims=True)
    bank /= np.linalg.norm(bank, axis=1, keepdims=True)
    return bank.astype(np.float32).reshape(count, size, size, channels).transpose(1, 2, 3, 0)


def correlate(x: np.ndarray, bank: np.ndarray) -> np.ndarray:
    """Correlation of (height, width, channels) with filters (size, size, channels, count)."""
    size, _, channels, count = bank.shape
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))
    # a window's row lies in one piece in memory, with channels last it is copied as one
    windows = windows.transpose(0, 1, 3, 4, 2)
    height, width = windows.shape[:2]
    flat = np.ascontiguousarray(bank).reshape(-1, count)
    out = np.empty((height, width, count), np.float32)
    step = max(1, ROWS // (width * size * size * channels))
    for k in range(0, height, step):
        some = windows[k : k + step]
        out[k : k + step] = (some.reshape(-1, len(flat)) @ flat).reshape(*some.shape[:2], count)
    return out
