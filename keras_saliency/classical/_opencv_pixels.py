"""OpenCV's resizing and 8-bit Lab, as its programs among the classical models call them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

# Lab of 8-bit pixels runs in fixed point: light by a table of 3 more bits than the pixels, XYZ with
# weights of 12 bits, cube roots of 15 bits
LIGHT_BITS, WEIGHT_BITS, ROOT_BITS = 3, 12, 15
SRGB_TO_XYZ_D65 = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
WHITE_D65 = np.array([0.950456, 1.0, 1.088754])


def lab8(image: np.ndarray) -> np.ndarray:
    """8-bit Lab: L * 255 / 100, a + 128, b + 128.

    Args:
        image: uint8 (height, width, 3); its channels are taken for R, G, B.

    Returns:
        uint8 of the same shape.
    """
    light, weights, roots = _lab_tables()
    # whole numbers below 2^24: exact in single precision
    xyz = (light[image] @ weights.T).astype(np.int32)
    fx, fy, fz = np.moveaxis(roots[(xyz + (1 << WEIGHT_BITS - 1)) >> WEIGHT_BITS], -1, 0)
    half, middle = 1 << ROOT_BITS - 1, 128 << ROOT_BITS
    lightness = (116 * 255 + 50) // 100 * fy - (16 * 255 * (1 << ROOT_BITS) + 50) // 100
    lab = np.stack([lightness, 500 * (fx - fy) + middle, 200 * (fy - fz) + middle], axis=-1)
    return np.clip((lab + half) >> ROOT_BITS, 0, 255).astype(np.uint8)


@lru_cache(maxsize=1)
def _lab_tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    level = np.arange(256) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    full = 255 << LIGHT_BITS
    light = np.rint(full * linear).astype(np.float32)
    weights = np.rint((1 << WEIGHT_BITS) * SRGB_TO_XYZ_D65 / WHITE_D65[:, None]).astype(np.float32)
    # in single precision, for which the program drops the last bits of its roots
    one = np.float32(1)
    t = np.arange(full * 3 // 2, dtype=np.float32) / np.float32(full)
    line = t * (841 * one / 108) + 16 * one / 116
    roots = np.where(t < 216 * one / 24389, line, _cut_off(np.cbrt(t.astype(np.float64))))
    return light, weights, np.rint((1 << ROOT_BITS) * roots).astype(np.int32)


def _cut_off(values: np.ndarray) -> np.ndarray:
    """Doubles above 0 as float32, their last bits dropped; the same on every processor."""
    cut = np.finfo(np.float64).nmant - np.finfo(np.float32).nmant
    return (values.view(np.int64) >> cut << cut).view(np.float64).astype(np.float32)


def resize_area(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`INTER_AREA` of 8-bit pixels, as OpenCV 4 has it (version 5 enlarges otherwise).

    The arithmetic is the program's, step by step: where a ratio of sides is no binary fraction, its
    rounding decides which pixels are mixed.

    Args:
        image: uint8 (height, width, channels).
        size: wanted (height, width).

    Returns:
        uint8 of that size: means over the covered area where it shrinks, else OpenCV's special
        interpolation, in which each pixel stays flat up to where its successor begins.
    """
    if image.shape[:2] == size:
        return image
    scales = [1 / (wanted / n) for n, wanted in zip(image.shape[:2], size, strict=True)]
    if min(scales) < 1:
        return _interpolate(image, size)
    if all(abs(scale - round(scale)) < np.finfo(float).eps for scale in scales):
        return _whole_means(image, size, (round(scales[0]), round(scales[1])))
    rows, columns = (_area_taps(n, w) for n, w in zip(image.shape[:2], size, strict=True))
    wide = _mixed(image.astype(np.float32).swapaxes(0, 1), *columns).swapaxes(0, 1)
    return np.clip(np.rint(_mixed(wide, *rows)), 0, 255).astype(np.uint8)


def _interpolate(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    rows, columns = (_flat_taps(n, wanted) for n, wanted in zip(image.shape[:2], size, strict=True))
    wide = sum(
        image[:, tap].astype(np.int32) * share[:, None] for tap, share in zip(*columns, strict=True)
    )
    wide >>= 4
    tall = sum((wide[tap] * share[:, None, None]) >> 16 for tap, share in zip(*rows, strict=True))
    return ((tall + 2) >> 2).astype(np.uint8)


def _flat_taps(n_in: int, n_out: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Two pixels that each output pixel mixes and their shares, in 2048ths."""
    place = np.arange(n_out)
    inverse = n_out / n_in
    first = np.floor(place * (1 / inverse)).astype(np.intp)
    share = ((place + 1) - (first + 1) * inverse).astype(np.float32)
    share = np.where(share <= 0, np.float32(0), share - np.floor(share))
    share[first >= n_in - 1] = 0
    first = np.minimum(first, n_in - 1)
    second = np.minimum(first + 1, n_in - 1)
    shares = [np.float32(1) - share, share]
    return [first, second], [np.rint(part * np.float32(2048)).astype(np.int32) for part in shares]


def _whole_means(image: np.ndarray, size: tuple[int, int], whole: tuple[int, int]) -> np.ndarray:
    """Means of blocks of whole pixels: sums are whole numbers."""
    blocks = image[: size[0] * whole[0], : size[1] * whole[1]].reshape(
        size[0], whole[0], size[1], whole[1], -1
    )
    sums = blocks.sum(axis=(1, 3), dtype=np.int32)
    if whole == (2, 2):
        return ((sums + 2) >> 2).astype(np.uint8)
    mean = sums.astype(np.float32) * (np.float32(1) / np.float32(whole[0] * whole[1]))
    return np.rint(mean).astype(np.uint8)


@lru_cache(maxsize=16)
def _area_taps(n_in: int, n_out: int) -> tuple[np.ndarray, np.ndarray]:
    """First pixel of each output pixel, and float32 shares (n_out, taps) of it and the next."""
    scale = 1 / (n_out / n_in)
    begin = np.arange(n_out) * scale
    end = begin + scale
    cell = np.minimum(scale, n_in - begin)
    last = np.minimum(np.floor(end).astype(np.intp), n_in - 1)
    first = np.minimum(np.ceil(begin).astype(np.intp), last)
    before, after = first - begin > 1e-3, end - last > 1e-3
    start = first - before
    shares = np.zeros((n_out, int((last - start + after).max())), np.float32)
    pixel = start[:, None] + np.arange(shares.shape[1])
    shares += ((pixel >= first[:, None]) & (pixel < last[:, None])) * (1 / cell)[:, None]
    shares[before, 0] = ((first - begin) / cell)[before]
    tail = np.minimum(np.minimum(end - last, 1), cell) / cell
    shares[after, (last - start)[after]] = tail[after]
    return start, shares


def _mixed(values: np.ndarray, start: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Float32 sums along the first axis, tap after tap as the program adds them."""
    total = values[start] * shares[:, 0, None, None]
    for tap in range(1, shares.shape[1]):
        place = np.minimum(start + tap, len(values) - 1)
        total += values[place] * shares[:, tap, None, None]
    return total


def smooth3(image: np.ndarray) -> np.ndarray:
    """Gaussian of 3 x 3 and sigma 1 of 8-bit pixels, in fixed point, edges mirrored.

    Args:
        image: uint8 (height, width, channels).
    """
    from scipy.ndimage import correlate1d

    taps = np.array([70, 116, 70])  # of 256
    total = image.astype(np.int32)
    for axis in (0, 1):
        total = correlate1d(total, taps, axis, mode="mirror")
    return ((total + (1 << 15)) >> 16).astype(np.uint8)


def resize_linear(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`INTER_LINEAR`: bilinear between pixel centres, edges replicated.

    Args:
        values: float (height, width).
        size: wanted (height, width).
    """
    rows, columns = (
        _linear_weights(n, wanted).astype(values.dtype, copy=False)
        for n, wanted in zip(values.shape, size, strict=True)
    )
    return (columns @ np.ascontiguousarray((rows @ values).T)).T


def shrink_linear(image: np.ndarray, size: tuple[int, int], of: Callable[[Any], Any]) -> np.ndarray:
    """`resize_linear` of what a function makes of pixels, asked only for those that are mixed.

    Args:
        image: (height, width, channels).
        size: wanted (height, width).
        of: pixels (rows, columns, channels) -> (rows, columns), each pixel by itself.

    Returns:
        float64 of the wanted size.
    """
    sides = [_mixed_weights(n, wanted) for n, wanted in zip(image.shape, size, strict=False)]
    (down, rows), (across, columns) = sides
    values = of(image[down[:, None], across]).astype(np.float64)
    return (columns @ np.ascontiguousarray((rows @ values).T)).T


@lru_cache(maxsize=16)
def _mixed_weights(n_in: int, n_out: int) -> tuple[np.ndarray, Any]:
    """Numbers of the pixels along a side that are mixed, and the weights of these alone."""
    weights = _linear_weights(n_in, n_out)
    mixed = np.unique(weights.indices)
    return mixed, weights[:, mixed]


def _sparse(n_in: int, n_out: int, first: np.ndarray, shares: np.ndarray) -> Any:
    """Matrix (n_out, n_in) of rows that start at `first` with `shares`; edges replicated."""
    from scipy.sparse import csr_array

    taps = np.clip(first[:, None] + np.arange(shares.shape[1]), 0, n_in - 1)
    rows = np.repeat(np.arange(n_out), shares.shape[1])
    return csr_array((shares.ravel(), (rows, taps.ravel())), shape=(n_out, n_in))


@lru_cache(maxsize=16)
def _linear_weights(n_in: int, n_out: int) -> Any:
    centre = (np.arange(n_out) + 0.5) * n_in / n_out - 0.5
    first = np.floor(centre).astype(np.intp)
    share = centre - first
    return _sparse(n_in, n_out, first, np.stack([1 - share, share], axis=1))
