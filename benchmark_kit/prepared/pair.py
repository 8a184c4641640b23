"""Sums over two maps of one image, the map that is scored and the ground-truth density.

Four forms with one interface. `PixelPair` runs on any namespace, `BlockPair` is its numpy form in
blocks. Where the map is 8-bit its gray levels serve as cells (`LevelPair`), and where the density
is 8-bit too, one count of their joint gray levels holds everything, the negatives of shuffled AUC
included (`JointPair`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar
from weakref import ref

import numpy as np

from benchmark_kit.prepared.distribution import Share
from benchmark_kit.prepared.forms import BlockMap, LevelMap, PixelMap, PreparedMap, blocks

FEW = 3  # negatives on fewer pixels than one in so many are taken pixel by pixel
Function = Callable[[Any], Any]
Of = TypeVar("Of", bound=PreparedMap)


class _OfAMap(Generic[Of]):
    """A pair belongs to its map, which keeps it and outlives it.

    It knows the map weakly: two objects that held each other would keep an image's arrays until
    the cycle collector comes.
    """

    def __init__(self, saliency: Of):
        self._saliency = ref(saliency)

    @property
    def saliency(self) -> Of:
        """The map that is scored."""
        found = self._saliency()
        assert found is not None, "a pair is used while its map lives"
        return found


class PixelPair(_OfAMap[PixelMap]):
    """Sums over pixels, on any namespace; shapes as in `PixelMap`."""

    def __init__(self, saliency: PixelMap, density: PixelMap):
        super().__init__(saliency)
        self.density, self.xp = density, saliency.xp

    def cross(self) -> Any:
        """Sum of the products of the deviations from the means."""
        product = self.saliency.deviations * self.density.deviations
        return self.xp.sum(product, axis=-1, keepdims=True)

    def weighted(self, share: Share, function: Function) -> Any:
        """Sum over pixels of the density's share times `function(map value)`."""
        product = share(self.density.flat) * function(self.saliency.flat)
        return self.xp.sum(product, axis=-1, keepdims=True)

    def overlap(self, of_saliency: Share, of_density: Share) -> Any:
        """Sum over pixels of the smaller of the two shares."""
        smaller = self.xp.minimum(of_saliency(self.saliency.flat), of_density(self.density.flat))
        return self.xp.sum(smaller, axis=-1, keepdims=True)


class BlockPair(_OfAMap[BlockMap]):
    """Sums over blocks of pixels (numpy); the density may be of any form."""

    def __init__(self, saliency: BlockMap, density: BlockMap | LevelMap):
        super().__init__(saliency)
        self.density = density

    def _sum(self, of_blocks: Callable[[np.ndarray, np.ndarray], float]) -> np.ndarray:
        parts = blocks(self.saliency.n)
        return np.array(
            [sum(of_blocks(self.saliency.block(part), self.density.block(part)) for part in parts)]
        )

    def cross(self) -> np.ndarray:
        """Sum of the products of the deviations from the means, shape (1,)."""
        one, other = self.saliency.centred_block, self.density.centred_block
        return np.array([sum(np.dot(one(p), other(p)) for p in blocks(self.saliency.n))])

    def weighted(self, share: Share, function: Function) -> np.ndarray:
        """Sum over pixels of the density's share times `function(map value)`, shape (1,)."""
        if share.offset[0] == 0.0:
            return share.slope * self._sum(lambda s, d: np.dot(function(s), d))
        return self._sum(lambda s, d: np.dot(function(s), share(d)))

    def overlap(self, of_saliency: Share, of_density: Share) -> np.ndarray:
        """Sum over pixels of the smaller of the two shares, shape (1,)."""
        if of_saliency.offset[0] == 0.0 and of_density.offset[0] == 0.0 and of_density.slope[0]:
            # both shares are proportional: scale one map to the other, once
            ratio = of_saliency.slope / of_density.slope
            return of_density.slope * self._sum(lambda s, d: _smaller(s, ratio, d))
        return self._sum(lambda s, d: np.minimum(of_saliency(s), of_density(d)).sum())


def _smaller(scaled: np.ndarray, ratio: np.ndarray, other: np.ndarray) -> float:
    own = scaled * ratio
    return np.minimum(own, other, out=own).sum()


class LevelPair(_OfAMap[LevelMap]):
    """The map is 8-bit, the density float: the density's mass by gray level of the map."""

    def __init__(self, saliency: LevelMap, density: PreparedMap):
        super().__init__(saliency)
        self.density = density

    @cached_property
    def mass(self) -> np.ndarray:
        """Sum of the density over the pixels of each gray level, float64 (256,)."""
        return np.bincount(self.saliency.raw, weights=self.density.flat, minlength=256)

    def cross(self) -> np.ndarray:
        """Sum of the products of the deviations from the means, shape (1,)."""
        density = self.density
        if isinstance(density, BlockMap) and density.base[0]:
            deviations = density.centred(density.flat)
            excess = np.bincount(self.saliency.raw, weights=deviations, minlength=256)
        else:
            excess = self.mass - density.mean * self.saliency.counts
        return np.dot(excess, self.saliency.levels - self.saliency.mean)[None]

    def weighted(self, share: Share, function: Function) -> np.ndarray:
        """Sum over pixels of the density's share times `function(map value)`, shape (1,)."""
        mass = share.slope * self.mass + share.offset * self.saliency.counts
        return np.dot(mass, function(self.saliency.levels))[None]

    def overlap(self, of_saliency: Share, of_density: Share) -> np.ndarray:
        """Sum over pixels of the smaller of the two shares, shape (1,)."""
        table = of_saliency(self.saliency.levels)
        return np.minimum(table.take(self.saliency.raw), of_density(self.density.flat)).sum()[None]


class JointPair(LevelPair):
    """Both maps are 8-bit: a 256 x 256 table of joint counts, made in one pass."""

    density: LevelMap

    def __init__(self, saliency: LevelMap, density: LevelMap, joint: np.ndarray):
        super().__init__(saliency, density)
        self.joint = joint
        # the margins are the maps' own histograms: no second pass over the pixels
        saliency.counts = joint.sum(axis=1).astype(np.int64)
        density.counts = joint.sum(axis=0).astype(np.int64)

    @cached_property
    def mass(self) -> np.ndarray:
        """Sum of the density over the pixels of each gray level, float64 (256,)."""
        return self.joint @ self.density.levels

    def overlap(self, of_saliency: Share, of_density: Share) -> np.ndarray:
        """Sum over pixels of the smaller of the two shares, shape (1,)."""
        smaller = np.minimum(
            of_saliency(self.saliency.levels)[:, None], of_density(self.density.levels)[None, :]
        )
        return np.vdot(self.joint, smaller)[None]


class PackedWeights:
    """Negatives' counts and the pixel itself in one float64 weight: `count * 2**shift + 1`.

    One weighted count then sums both parts without rounding, as long as their sum stays below
    2**53.

    Args:
        counts: how often each pixel is a negative, integers (height, width).
    """

    def __init__(self, counts: np.ndarray):
        self.shift = int(counts.size).bit_length()
        if int(counts.sum()) * 2**self.shift + counts.size >= 2**53:
            raise OverflowError("too many negatives for one packed count")
        self.weights = counts.reshape(-1) * float(2**self.shift) + 1.0

    @cached_property
    def _touched(self) -> tuple[np.ndarray, np.ndarray]:
        counts = self.negatives(self.weights)
        where = np.flatnonzero(counts)
        return where, counts[where]

    def by_level(self, raw: np.ndarray) -> np.ndarray:
        """Negatives by gray level of an 8-bit map's pixels (n,), float64 (256,)."""
        where, counts = self._touched
        if len(where) * FEW > len(raw):
            return self.negatives(np.bincount(raw, weights=self.weights, minlength=256))
        return np.bincount(raw[where], weights=counts, minlength=256)

    def negatives(self, sums: np.ndarray) -> np.ndarray:
        """The negatives' part of summed weights."""
        return np.floor(sums * 2.0**-self.shift)

    def pixels(self, sums: np.ndarray) -> np.ndarray:
        """The pixels' part of summed weights."""
        part = sums * 2.0**-self.shift
        np.floor(part, out=part)
        part *= -(2.0**self.shift)
        part += sums
        return part


@lru_cache(maxsize=4)
def _scratch(n: int) -> tuple[np.ndarray, np.ndarray]:
    # kept between images: fresh pages would cost as much as the arithmetic
    return np.empty(n, np.uint16), np.empty(n, np.int64)


def joint_counts(
    saliency: LevelMap, density: LevelMap, packed: PackedWeights | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Count joint gray levels of two 8-bit maps, and the negatives by gray level of the first.

    Returns:
        (joint counts, float64 (256, 256), rows are the map's levels; negatives' counts by the map's
        level, float64 (256,), or None without `packed`).
    """
    narrow, wide = _scratch(saliency.n)
    np.multiply(saliency.raw, np.uint16(256), out=narrow, dtype=np.uint16)
    np.add(narrow, density.raw, out=narrow)
    np.copyto(wide, narrow)
    if packed is None:
        return np.bincount(wide, minlength=65536).reshape(256, 256).astype(np.float64), None
    sums = np.bincount(wide, weights=packed.weights, minlength=65536).reshape(256, 256)
    # both parts are integers, so rows may be summed before they are split
    return packed.pixels(sums), packed.negatives(sums.sum(axis=1))


Pair = PixelPair | BlockPair | LevelPair


def prepare_pair(saliency: PreparedMap, density: Any) -> Pair:
    """The pair of a map and a density in the cheapest form that their types allow."""
    kept = saliency.pair
    if kept is not None and kept.density is density:
        return kept
    if isinstance(saliency, BlockMap):
        pair: Pair = BlockPair(saliency, density)
    elif isinstance(saliency, PixelMap):
        pair = PixelPair(saliency, density)
    elif isinstance(density, LevelMap):
        pair = JointPair(saliency, density, joint_counts(saliency, density)[0])
    else:
        pair = LevelPair(saliency, density)
    saliency.pair = pair
    return pair
