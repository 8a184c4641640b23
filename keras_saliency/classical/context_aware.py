"""Context-aware saliency (Goferman, Zelnik-Manor and Tal, CVPR 2010).

A patch is salient if even the 64 patches of the picture that are the most like it, near ones
counting more, are unlike it; places close to what stands out gain. The authors gave out a binary
only: constants are those of Tsai and Chang's program in SMILER, which differs from the paper in its
patch sides. It ends with a map of 250 pixels; resizing that to the picture is our choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.resize import resize, resize_by_factor
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._colour import lab_d50
from keras_saliency.classical._matlab_bilinear import resize_bilinear, resize_bilinear_by_factor

KERNEL = "matlab-bicubic-symmetric"
SCALES = ((1.0, 3), (0.8, 2), (0.5, 1), (0.3, 1))  # with half the side of a patch
REDUCTIONS, LEAST = (1.0, 0.5, 0.25), 0.2  # patches are compared down to this scale
MOST_ALIKE = 64
NEARNESS = 3.0
LARGEST_PATCH = 49
ATTENDED = 0.8  # of the maximum
PART = 128  # patches that are compared at a time
ROUNDING = 3e-5  # of a mean distance, beyond which single precision does not do


class ContextAware(ArrayModel):
    """Unlikeness to the most alike patches, at four scales; 0 in a frame of three map pixels.

    A picture of one colour, or too narrow for a patch, gives zeros.

    Args:
        longest: longer side of the map that is worked on, in pixels; time grows with its fourth
            power.

    Raises:
        ConfigError: a side below 16.

    Reference: Goferman, Zelnik-Manor and Tal, "Context-aware saliency detection", CVPR 2010 and
    IEEE PAMI 34(10), 2012; Tsai and Chang's program.
    """

    def __init__(self, longest: int = 250):
        if longest < 16:
            raise ConfigError(f"context_aware: longest must be 16 pixels or more, got {longest}")
        self.longest = longest

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        return np.maximum(resize(self.small_map(image), image.shape[:2], KERNEL), 0.0)

    def small_map(self, image: np.ndarray) -> np.ndarray:
        """The map at the size that is worked on.

        Args:
            image: uint8 (height, width, 3).
        """
        height, width = image.shape[:2]
        most = max(height, width)
        size = (-(-height * self.longest // most), -(-width * self.longest // most))
        if one_colour(image):
            return np.zeros(size)
        lab = lab_d50(resize_bilinear(image / 255.0, size))
        low, high = lab.min(axis=(0, 1)), lab.max(axis=(0, 1))
        planes = (lab - low) / (high - low + np.finfo(np.float64).eps)
        total = np.zeros(size)
        for scale, half in SCALES:
            found = unlikeness(resize_bilinear_by_factor(planes, scale), scale, half)
            total += resize_bilinear(found, size)
        return towards_attended(total / len(SCALES))


def unlikeness(planes: np.ndarray, scale: float, half: int) -> np.ndarray:
    """1 - exp(-mean distance to the 64 most alike patches), 0 where no patch fits.

    Args:
        planes: float64 (height, width, 3).
        scale: of these planes, which says how much further they are reduced for comparison.
        half: of the side of a patch, less its middle.

    Returns:
        float64 (height, width).
    """
    found = np.zeros(planes.shape[:2])
    # of small numbers the squares below lose less
    planes = planes - planes.mean(axis=(0, 1))
    inside = _patches(planes, half)
    if inside.size == 0:
        return found
    vectors, _ = samples(planes, scale, half)
    single, double = (_transposed(vectors, dtype) for dtype in (np.float32, np.float64))
    # small patches are so alike that few would do with single precision, and cost little
    usual = double if half == 1 else single
    nearness = [
        _Nearness(planes.shape[:2], each.shape[:2], reduction, half)
        for each, reduction in _levels(planes, scale, half)
    ]
    count = min(MOST_ALIKE, len(vectors))
    factor = LARGEST_PATCH / (2 * half + 1) ** 2
    means = np.empty(inside.shape[:2])
    for row, patches in enumerate(inside):
        weights = [near.of_row(row) for near in nearness]
        for part in (slice(k, k + PART) for k in range(0, len(patches), PART)):
            distances, noise = _nearest(patches[part], usual, [w[part] for w in weights], count)
            means[row, part] = distances.mean(axis=1, dtype=np.float64)
            unsure = part.start + np.flatnonzero(factor * noise > ROUNDING)
            if unsure.size:
                again = [w[unsure] for w in weights]
                distances, _ = _nearest(patches[unsure], double, again, count)
                means[row, unsure] = distances.mean(axis=1, dtype=np.float64)
    inner = slice(half, -half)
    found[inner, inner] = 1 - np.exp(-means * factor)
    return found


def _transposed(vectors: np.ndarray, dtype: Any) -> np.ndarray:
    """Right side of a product that gives squared distances; `_nearest` has the left side."""
    vectors = vectors.astype(dtype)
    square = (vectors.astype(np.float64) ** 2).sum(axis=1)
    return np.concatenate([-2 * vectors.T, [square], np.ones((1, len(vectors)))], dtype=dtype)


def _nearest(
    patches: np.ndarray, right: np.ndarray, weights: Sequence[np.ndarray], count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Distances of some patches to those that are the most alike, and what rounding may do to them.

    Args:
        patches: float64 (n, 3 side^2).
        right: what `_transposed` made; its type is that of the arithmetic.
        weights: (n, rows, columns) a level, what squared distances are multiplied by.
        count: how many are the most alike.

    Returns:
        distances (n, count), in no order; and the mean error of each n that rounding explains.
    """
    patches = patches.astype(right.dtype)
    square = (patches.astype(np.float64) ** 2).sum(axis=1, keepdims=True)
    # |p - q|^2 = |p|^2 + |q|^2 - 2 p q as one product
    left = np.concatenate([patches, np.ones_like(square), square], axis=1, dtype=right.dtype)
    apart = (left @ right).astype(np.float32, copy=False)
    first = 0
    for weight in weights:
        last = first + weight[0].size
        apart[:, first:last].reshape(weight.shape)[:] *= weight
        first = last
    distances = np.sqrt(np.maximum(smallest(apart, count), 0))
    error = np.finfo(right.dtype).eps * square
    return distances, (error / np.maximum(distances, np.sqrt(error))).mean(axis=1)


class _Nearness:
    """1 / (1 + 3 distance)^2 between places of patches and of samples of one level.

    Args:
        size: (height, width) of the planes.
        grid: (rows, columns) of the samples.
        reduction: of the level.
        half: as in `unlikeness`.
    """

    def __init__(self, size: tuple[int, ...], grid: tuple[int, ...], reduction: float, half: int):
        self.step, self.rows = round(half / reduction), grid[0]
        middles = [np.arange(n) * half / reduction + (half + 1) / reduction for n in grid]
        down, across = (np.arange(half + 1, n - half + 1) for n in size)
        # rows a step apart see the samples' rows at the same distances, moved on by one
        self.first = (len(down) - 1) // self.step
        moved = np.arange(self.first + self.rows) - self.first
        apart = down[0] + np.arange(self.step)[:, None] - middles[0][0] - moved * self.step
        columns = across[:, None] - middles[1]
        weight = apart.astype(np.float32)[:, None, :, None] ** 2
        weight = weight + columns.astype(np.float32)[:, None] ** 2
        np.sqrt(weight, out=weight)
        weight *= NEARNESS / max(size)
        weight += 1
        weight *= weight
        self.weights = np.reciprocal(weight, out=weight)

    def of_row(self, row: int) -> np.ndarray:
        """Of the patches of a row: float32 (patches, rows, columns), a view."""
        steps, rest = divmod(row, self.step)
        first = self.first - steps
        return self.weights[rest, :, first : first + self.rows]


def smallest(values: np.ndarray, count: int) -> np.ndarray:
    """The smallest values of each row, in no order.

    Of many columns most are put aside by a bound first, because a search among all of them takes
    several times as long as one look at each: of `count` groups' least values the greatest is one.

    Args:
        values: (rows, columns), at least `count` columns.
        count: how many of each row.

    Returns:
        (rows, count).
    """
    rows, columns = values.shape
    groups = 2 * count
    if columns < 4 * groups:
        return np.partition(values, count - 1, axis=1)[:, :count]
    least = values[:, :groups].copy()
    for first in range(groups, columns - groups + 1, groups):
        np.minimum(least, values[:, first : first + groups], out=least)
    bound = np.partition(least, count - 1, axis=1)[:, count - 1 : count]
    places = np.flatnonzero(values < bound)
    starts = np.searchsorted(places, np.arange(rows + 1) * columns)
    found = np.diff(starts)
    # equal values may leave fewer than `count` below the bound: the others are the bound itself
    kept = np.repeat(bound, max(count, int(found.max())), axis=1)
    row = np.repeat(np.arange(rows), found)
    kept[row, np.arange(len(places)) - starts[row]] = values.reshape(-1)[places]
    return np.partition(kept, count - 1, axis=1)[:, :count]


def samples(planes: np.ndarray, scale: float, half: int) -> tuple[np.ndarray, np.ndarray]:
    """Patches that all others are compared with, at up to three sizes of the picture.

    Args:
        planes: float64 (height, width, 3).
        scale: of these planes.
        half: as in `unlikeness`; also the step between patches.

    Returns:
        vectors (n, 3 side^2) and their places (n, 2), row and column over the longer side.
    """
    vectors, places = [], []
    for found, reduction in _levels(planes, scale, half):
        vectors.append(found.reshape(-1, found.shape[2]))
        middles = np.indices(found.shape[:2]).reshape(2, -1).T * half + half + 1
        places.append(middles / (max(planes.shape[:2]) * reduction))
    return np.concatenate(vectors), np.concatenate(places)


def _levels(planes: np.ndarray, scale: float, half: int) -> Iterator[tuple[np.ndarray, float]]:
    """Every half-th patch (rows, columns, 3 side^2) of each size, and its reduction."""
    for reduction in REDUCTIONS:
        if scale * reduction < LEAST:
            continue
        reduced = planes
        if reduction < 1:
            each = [resize_by_factor(planes[..., k], reduction, KERNEL) for k in range(3)]
            reduced = np.stack(each, axis=-1)
        if (found := _patches(reduced, half)[::half, ::half]).size:
            yield found, reduction


def _patches(planes: np.ndarray, half: int) -> np.ndarray:
    """All patches that fit, (rows, columns, 3 side^2)."""
    side = 2 * half + 1
    if min(planes.shape[:2]) < side:
        return np.empty((0, 0, 3 * side**2))
    windows = np.lib.stride_tricks.sliding_window_view(planes, (side, side), axis=(0, 1))
    return windows.reshape(*windows.shape[:2], -1)


def towards_attended(saliency: np.ndarray) -> np.ndarray:
    """A map that fades with the distance to the places above 0.8 of its maximum."""
    from scipy.ndimage import distance_transform_edt

    away = distance_transform_edt(saliency <= ATTENDED * saliency.max()).astype(np.float32)
    if not saliency.any() or away.max() == 0:
        return saliency
    return saliency * (1 - away / away.max())
