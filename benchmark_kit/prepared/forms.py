"""One decoded map, and one image's truth, with what several metrics need computed once.

A map comes in three forms with one interface. `PixelMap` works on any array namespace and on
batches (`(…, height, width)`; every statistic keeps a last axis of length 1). `BlockMap` is its
numpy form for one map: it walks over blocks that stay in the processor's cache, from the type the
map is stored in. `LevelMap` holds an 8-bit map as counts of its 256 gray levels: sums over pixels
become sums over levels, exact in integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from benchmark_kit.imaging import wide_integers
from benchmark_kit.xp import numpy_namespace

NUMPY = numpy_namespace()
LEVELS = np.arange(256, dtype=np.float64)
NARROW = 1024.0  # how much smaller a range than its values
LARGEST_EXPONENT = 200  # of two: products of two sums of squares stay finite and above zero


class PixelMap:
    """A map as floating-point pixels.

    Args:
        pixels: array (…, height, width) of the namespace, float.
        xp: array namespace (see `benchmark_kit.xp`).
        n: number of pixels of one map, where a graph does not know it before it runs.
    """

    levels = None
    # the pixels have been multiplied by 2 ** -exponent (see `in_range`)
    exponent = 0
    # what one metric found and the next may use: the pair with a density, 2U of all pixels, sums
    pair: Any = None
    ranks: Any = None
    sums: Any = None

    def __init__(self, pixels: Any, xp: Any = NUMPY, n: Any = None):
        self.pixels = pixels
        self.xp = xp
        self.shape = tuple(pixels.shape)
        self.n = self.shape[-1] * self.shape[-2] if n is None else n

    @cached_property
    def flat(self) -> Any:
        """Pixels in row-major order, shape (…, n)."""
        batch = tuple(-1 if side is None else side for side in self.shape[:-2])
        known = None not in self.shape[-2:]
        return self.xp.reshape(
            self.pixels, (*batch, self.shape[-2] * self.shape[-1] if known else -1)
        )

    @cached_property
    def low(self) -> Any:
        """Smallest value, shape (…, 1)."""
        return self.xp.min(self.flat, axis=-1, keepdims=True)

    @cached_property
    def high(self) -> Any:
        """Largest value, shape (…, 1)."""
        return self.xp.max(self.flat, axis=-1, keepdims=True)

    @cached_property
    def total(self) -> Any:
        """Sum of the values, shape (…, 1)."""
        return self.xp.sum(self.flat, axis=-1, keepdims=True)

    @cached_property
    def base(self) -> Any:
        """What is taken off before a mean: the lowest value of a narrow map, else 0, shape (…, 1).

        Values that differ by less than a thousandth lose digits to what they share, and a constant
        that is no binary fraction even its constancy; their differences are exact.
        """
        near = self.xp.maximum(self.low, -self.high)  # positive if all have one sign
        narrow = (self.high - self.low) * NARROW < near
        return self.xp.where(narrow, self.low, 0 * self.low)

    @cached_property
    def mean_above(self) -> Any:
        """Mean of the values minus `base`, shape (…, 1)."""
        return self.xp.sum(self.flat - self.base, axis=-1, keepdims=True) / self.n

    @cached_property
    def mean(self) -> Any:
        """Mean value; of a constant map exactly its value, shape (…, 1)."""
        return self.base + self.mean_above

    def centred(self, values: Any) -> Any:
        """Some of the map's values minus their mean over all pixels."""
        return (values - self.base) - self.mean_above

    @cached_property
    def deviations(self) -> Any:
        """Values minus the mean, shape (…, n)."""
        return self.centred(self.flat)

    @cached_property
    def squares(self) -> Any:
        """Sum of the squared deviations, shape (…, 1)."""
        return self.xp.sum(self.deviations * self.deviations, axis=-1, keepdims=True)

    def sum_of(self, function: Callable[[Any], Any]) -> Any:
        """Sum of `function(value)` over the pixels, shape (…, 1)."""
        return self.xp.sum(function(self.flat), axis=-1, keepdims=True)

    def at(self, index: Any) -> Any:
        """Values at row-major pixel numbers of shape (…, k)."""
        return self.xp.take_along_axis(self.flat, index, axis=-1)

    @cached_property
    def ordered(self) -> Any:
        """All values in ascending order, shape (…, n)."""
        return self.xp.sort(self.flat, axis=-1)


BLOCK = 32768  # pixels: a few float64 blocks of it fit into a second-level cache


def blocks(n: int) -> Iterator[slice]:
    """Slices that cover n pixels."""
    for start in range(0, n, BLOCK):
        yield slice(start, min(start + BLOCK, n))


def in_range(pixels: np.ndarray) -> tuple[np.ndarray, int]:
    """A map whose squares neither vanish nor overflow, as (pixels * 2 ** -exponent, exponent).

    A power of two changes no digit. Maps of usual size stay as they are, with exponent 0, and so do
    those that are not finite.
    """
    low, high = float(pixels.min(initial=0)), float(pixels.max(initial=0))
    top = max(-low, high)
    exponent = int(np.frexp(top)[1])
    if not np.isfinite(top) or np.isnan(low) or top == 0 or abs(exponent) <= LARGEST_EXPONENT:
        return pixels, 0
    return np.ldexp(pixels, -exponent), exponent


class BlockMap(PixelMap):
    """One map of uint16, float32 or float64 pixels, in float64 arithmetic (numpy only).

    Args:
        pixels: array (height, width).
        divisor: what integers are divided by: 1, or 65535 where a dialect scales to 0..1.
        exponent: the pixels have been multiplied by 2 ** -exponent.
    """

    def __init__(self, pixels: np.ndarray, divisor: float = 1.0, exponent: int = 0):
        super().__init__(pixels, NUMPY)
        self.raw = pixels.reshape(-1)
        self.divisor, self.exponent = divisor, exponent

    def _scaled(self, values: Any) -> np.ndarray:
        wide = np.asarray(values).astype(np.float64, copy=False)
        return wide if self.divisor == 1.0 else wide / self.divisor

    def block(self, part: slice) -> np.ndarray:
        """Some pixels as float64, to be read: of a float64 map they are its own."""
        return self._scaled(self.raw[part])

    @cached_property
    def flat(self) -> np.ndarray:
        """All pixels as float64, shape (n,); for the metrics that need them all."""
        return self._scaled(self.raw)

    @cached_property
    def low(self) -> np.ndarray:
        """Smallest value, shape (1,)."""
        return self._scaled(self.raw.min())[None]

    @cached_property
    def high(self) -> np.ndarray:
        """Largest value, shape (1,)."""
        return self._scaled(self.raw.max())[None]

    @cached_property
    def total(self) -> np.ndarray:
        """Sum of the values, shape (1,)."""
        return np.array([sum(self.block(part).sum() for part in blocks(self.n))])

    @cached_property
    def mean_above(self) -> np.ndarray:
        """Mean of the values minus `base`, shape (1,)."""
        if not self.base[0]:
            return self.total / self.n
        return np.array([sum((self.block(p) - self.base).sum() for p in blocks(self.n))]) / self.n

    def centred_block(self, part: slice) -> np.ndarray:
        """Some pixels minus the mean of all."""
        deviations = self.block(part) - (self.base if self.base[0] else self.mean_above)
        if self.base[0]:
            deviations -= self.mean_above
        return deviations

    @cached_property
    def squares(self) -> np.ndarray:
        """Sum of the squared deviations, shape (1,)."""
        total = 0.0
        for part in blocks(self.n):
            deviations = self.centred_block(part)
            total += np.dot(deviations, deviations)
        return np.array([total])

    def sum_of(self, function: Callable[[Any], Any]) -> np.ndarray:
        """Sum of `function(value)` over the pixels, shape (1,)."""
        return np.array([sum(function(self.block(part)).sum() for part in blocks(self.n))])

    def at(self, index: np.ndarray) -> np.ndarray:
        """Values at row-major pixel numbers (k,)."""
        return self._scaled(self.raw[index])


class LevelMap:
    """An 8-bit map as counts of its gray levels (numpy only).

    Args:
        pixels: uint8 array (height, width).
        scale: what a gray level is worth: 1 where a dialect takes values as read, 1/255 where it
            divides by 255.
    """

    xp = NUMPY
    exponent = 0
    # what one metric found and the next may use: the pair with a density, negatives by gray level,
    # sums
    pair: Any = None
    negative_counts: Any = None
    sums: Any = None

    def __init__(self, pixels: np.ndarray, scale: float = 1.0):
        self.pixels = pixels
        self.shape = pixels.shape
        self.n = pixels.size
        self.raw = pixels.reshape(-1)
        # v / 255, not v * (1/255): the reference programs divide
        self.levels = LEVELS if scale == 1.0 else LEVELS / round(1.0 / scale)

    @cached_property
    def counts(self) -> np.ndarray:
        """Number of pixels of each gray level, int64 (256,)."""
        if self.n % 2 or not self.raw.flags.c_contiguous:
            return np.bincount(self.raw, minlength=256)
        # two pixels a step: half the walk, and neighbours of one level do not wait for each other
        pairs = np.bincount(self.raw.view(np.uint16), minlength=65536).reshape(256, 256)
        return pairs.sum(axis=0) + pairs.sum(axis=1)

    @cached_property
    def flat(self) -> np.ndarray:
        """Pixels as float64 in row-major order, shape (n,); for the metrics that need them all."""
        return self.levels.take(self.raw)

    def block(self, part: slice) -> np.ndarray:
        """Some pixels as float64."""
        wide = self.raw[part].astype(np.float64)
        return wide if self.levels[255] == 255.0 else wide / 255.0

    @cached_property
    def _present(self) -> np.ndarray:
        return np.flatnonzero(self.counts)

    @cached_property
    def low(self) -> np.ndarray:
        """Smallest value, shape (1,)."""
        return self.levels[self._present[:1]]

    @cached_property
    def high(self) -> np.ndarray:
        """Largest value, shape (1,)."""
        return self.levels[self._present[-1:]]

    @cached_property
    def total(self) -> np.ndarray:
        """Sum of the values, shape (1,)."""
        return np.dot(self.counts, self.levels)[None]

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean value, shape (1,)."""
        return self.low if self.low[0] == self.high[0] else self.total / self.n

    def centred(self, values: np.ndarray) -> np.ndarray:
        """Some of the map's values minus their mean over all pixels."""
        return values - self.mean

    def centred_block(self, part: slice) -> np.ndarray:
        """Some pixels minus the mean of all."""
        return self.block(part) - self.mean

    @cached_property
    def squares(self) -> np.ndarray:
        """Sum of the squared deviations from the mean, shape (1,)."""
        return np.dot(self.counts, (self.levels - self.mean) ** 2)[None]

    def sum_of(self, function: Callable[[Any], Any]) -> np.ndarray:
        """Sum of `function(value)` over the pixels, shape (1,)."""
        return np.dot(self.counts, function(self.levels))[None]

    def at(self, index: np.ndarray) -> np.ndarray:
        """Values at row-major pixel numbers (k,)."""
        return self.levels[self.raw[index]]

    def counts_at(self, index: np.ndarray) -> np.ndarray:
        """Gray-level counts at row-major pixel numbers, int64 (256,)."""
        return np.bincount(self.raw[index], minlength=256)

    @cached_property
    def ordered(self) -> np.ndarray:
        """All values in ascending order, shape (n,)."""
        return np.repeat(self.levels, self.counts)


PreparedMap = PixelMap | LevelMap


def prepare(pixels: Any, *, unit: bool = False, xp: Any = NUMPY) -> PreparedMap:
    """Prepare a map for scoring.

    Args:
        pixels: (height, width); numpy uint8, uint16 or float; for another namespace a float tensor,
            batches allowed.
        unit: divide 8- and 16-bit values by 255 or 65535 first (dialects `mit` and `salicon*`).
        xp: array namespace.
    """
    if xp is not NUMPY:
        return PixelMap(pixels, xp)
    if np.ma.is_masked(pixels):
        raise TypeError(
            "a masked array: no metric leaves pixels out. Fix: fill it, map.filled(value)"
        )
    pixels = np.asarray(pixels)
    if pixels.dtype.kind not in "biuf":
        raise TypeError(f"a map of type {pixels.dtype}, numbers expected")
    if pixels.ndim != 2:
        raise ValueError(f"a map has two axes (height, width), got shape {pixels.shape}")
    if wide_integers.too_wide(pixels):
        raise ValueError(f"a map of {wide_integers.FOUND}. Fix: {wide_integers.FIX}")
    if pixels.dtype == np.uint8:
        return LevelMap(pixels, 1 / 255 if unit else 1.0)
    if pixels.dtype == np.uint16:
        return BlockMap(pixels, 65535.0 if unit else 1.0)
    if pixels.dtype == np.float32:  # its squares fit into float64
        return BlockMap(pixels)
    pixels, exponent = in_range(pixels.astype(np.float64, copy=False))
    return BlockMap(pixels, exponent=exponent)


def has_values(prepared: PreparedMap) -> bool:
    """Whether all pixels of a map are finite (numpy); what else they are compared with has no
    value.
    """
    if isinstance(prepared, LevelMap):
        return True
    # NaN and Inf both show in the extremes
    return bool(np.isfinite(prepared.low[0]) and np.isfinite(prepared.high[0]))


class PreparedTruth:
    """What one image's map is compared with, under one dialect's view of the points.

    Args:
        index: row-major pixel numbers of the fixations, int (n,) (repeats kept or collapsed as the
            dialect says); None for metrics of densities only.
        size: (height, width).
        density: prepared ground-truth density, or None.
        negatives: the other images' fixations (`prepared.negatives`), or None.
        baseline: what a metric made of the baseline (its `of_baseline`), or None.
        rng: `rng(metric name) -> numpy Generator` for the randomised kinds, or None.
    """

    def __init__(
        self,
        index: Any = None,
        *,
        size: tuple[int, int] | None = None,
        density: PreparedMap | None = None,
        negatives: Any = None,
        baseline: Any = None,
        rng: Callable[[str], np.random.Generator] | None = None,
    ):
        self.index = index
        self.size = size
        self.density: Any = density
        self.negatives = negatives
        self.baseline = baseline
        self.rng: Any = rng

    @cached_property
    def unique(self) -> np.ndarray:
        """Sorted numbers of the fixated pixels, repeats collapsed."""
        return np.unique(self.index)
