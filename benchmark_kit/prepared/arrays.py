"""From the arrays that users hold to prepared maps and truths, with the checks they need."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark_kit.prepared.forms import (
    NUMPY,
    BlockMap,
    PreparedMap,
    PreparedTruth,
    has_values,
    prepare,
)
from benchmark_kit.prepared.negatives import CountNegatives, PixelNegatives
from benchmark_kit.prepared.pair import PackedWeights
from benchmark_kit.types import Density, Fixations


def point_index(points: Any, size: tuple[int, int], what: str = "fixations") -> np.ndarray:
    """Row-major pixel numbers of points.

    Args:
        points: `Fixations`, or an (n, 2) array of x, y in pixels, 0-based.
        size: (height, width) of the map they belong to.
        what: the argument's name, for messages.

    Returns:
        int64 (n,), repeats kept.

    Raises:
        TypeError: a `Density`, or an array of another shape (a map, perhaps).
        ValueError: points outside the map, or of an image of another size.
    """
    height, width = size
    if isinstance(points, Density):
        raise TypeError(f"{what} must be points (Fixations or an (n, 2) array), got a Density")
    if not isinstance(points, Fixations):
        if np.ma.is_masked(points):
            raise TypeError(f"{what} are a masked array. Fix: leave the masked ones out")
        array = np.asarray(points, dtype=np.float64)
        if array.size == 0:
            array = array.reshape(0, 2)
        if array.ndim != 2 or array.shape[1] != 2:
            raise TypeError(
                f"{what} must be points: Fixations or an (n, 2) array of x, y; got an array of "
                f"shape {array.shape}, which looks like a map"
            )
        points = Fixations(array[:, 0], array[:, 1], size)
    if points.size != (height, width):
        raise ValueError(
            f"{what} belong to an image of {points.size[1]}x{points.size[0]}, "
            f"the map has {width}x{height}"
        )
    return points.flat_index


def prepared_points(
    saliency: Any, fixations: Any, *, unit: bool = False, binary: bool = False, xp: Any = NUMPY
) -> tuple[PreparedMap, PreparedTruth]:
    """A prepared map and its points; `binary` collapses repeats.

    A map with NaN or Inf has no value in any metric: none of the points is left to judge it by.
    """
    prepared = prepare(saliency, unit=unit, xp=xp)
    size = (prepared.shape[-2], prepared.shape[-1])
    index = point_index(fixations, size)
    if xp is NUMPY and not has_values(prepared):
        index = index[:0]
    return prepared, PreparedTruth(np.unique(index) if binary else index, size=size)


def prepared_densities(
    saliency: Any,
    density: Any,
    *,
    unit: bool = False,
    xp: Any = NUMPY,
    same_size: bool = True,
) -> tuple[PreparedMap, PreparedTruth]:
    """A prepared map and a prepared density, of the same size unless another is allowed.

    The density is None where either holds NaN or Inf: no metric then has a value.

    Raises:
        TypeError: points where a density is due.
        ValueError: different sizes.
    """
    if isinstance(density, Fixations):
        raise TypeError("density must be a Density or an array (height, width), got Fixations")
    if isinstance(density, Density):
        density = density.values
    prepared = prepare(saliency, unit=unit, xp=xp)
    target = prepare(density, unit=unit, xp=xp)
    if same_size and prepared.shape != target.shape:
        raise ValueError(f"the map has shape {prepared.shape}, the density {target.shape}")
    known = xp is not NUMPY or (has_values(prepared) and has_values(target))
    return prepared, PreparedTruth(size=prepared.shape[-2:], density=target if known else None)


def prepared_negatives(
    points: Any = None,
    *,
    counts: Any,
    size: tuple[int, int],
    distinct: bool = False,
    erase: np.ndarray | None = None,
) -> CountNegatives | PixelNegatives:
    """Other images' fixations as negatives, from either of the two forms that users hold.

    Args:
        points: `Fixations`, or an (n, 2) array of x, y in pixels of this map; or
        counts: how often each pixel is a negative, integers (height, width).
        size: (height, width) of the map.
        distinct: only which pixels they touch matters.
        erase: row-major pixels that are no negatives.

    Raises:
        TypeError: both forms, or none.
        ValueError: points outside the map, or counts of another size.
    """
    if (points is None) == (counts is None):
        raise TypeError("give either negatives (points) or negative_counts (a map of counts)")
    n = size[0] * size[1]
    if counts is None:
        index = point_index(points, size, "negatives")
        counts = np.bincount(index, minlength=n).astype(np.float64)
    else:
        counts = np.asarray(counts, dtype=np.float64).reshape(-1)
        if len(counts) != n:
            raise ValueError(f"negative_counts has {len(counts)} pixels, the map {n}")
        index = np.flatnonzero(counts)
    if distinct:
        return PixelNegatives(np.unique(index))
    return CountNegatives(
        counts,
        int(counts.sum()),
        erase=np.empty(0, np.int64) if erase is None else erase,
        packed=PackedWeights(counts),
    )


def without_negatives(density: PreparedMap) -> PreparedMap:
    """The density with values below 0 set to 0: the ringing of a Fourier blur has no logarithm."""
    if density.low[0] >= 0:
        return density
    return BlockMap(np.maximum(density.pixels, 0.0))
