"""One image's scores: the map is prepared once and every column's metric computes from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmark_kit.dialects import Dialect, Variant
from benchmark_kit.imaging.density import blur, blur_points
from benchmark_kit.imaging.shipped_density import usable_density
from benchmark_kit.metrics import METRICS
from benchmark_kit.metrics.ig import mean_log2
from benchmark_kit.prepared.arrays import without_negatives
from benchmark_kit.prepared.forms import (
    BlockMap,
    LevelMap,
    PreparedMap,
    PreparedTruth,
    prepare,
)
from benchmark_kit.prepared.negatives import CountNegatives, PixelNegatives
from benchmark_kit.prepared.pair import JointPair, joint_counts
from benchmark_kit.scoring.plan import ScoringPlan
from benchmark_kit.scoring.points import dialect_index
from benchmark_kit.scoring.pooled import own_points
from benchmark_kit.types import Density, Fixations, GroundTruth

ROUNDING = 1e-12  # relative spread of a blur that is constant but for the order of its sums


class Scorer:
    """Scores images under a plan; keeps what images of one size share.

    Args:
        plan: columns, constants and the data set's pooled fixations.
    """

    def __init__(self, plan: ScoringPlan):
        self.plan = plan

    def scores(
        self,
        truth: GroundTruth,
        pixels: np.ndarray,
        density: Density | None = None,
        own: Fixations | None = None,
        maps: dict[bool, PreparedMap] | None = None,
    ) -> dict[str, float]:
        """All columns of one image.

        Args:
            truth: the image's ground truth, with fixations.
            pixels: the map, (height, width) of the image; a log density where the plan says so.
            density: ground-truth density to use instead of the plan's own way.
            own: the image's share of the data set's pooled fixations, where other than the
                fixations that judge.
            maps: prepared forms of the pixels by whether integers are divided to 0..1; forms made
                here are added.

        Returns:
            column key -> float; nan where a metric is not defined.
        """
        fixations = truth.fixations
        assert fixations is not None, "a row without fixations is made, not scored"
        own = fixations if own is None else own
        truths: dict[str, PreparedTruth] = {}
        maps = {} if maps is None else maps
        densities: dict[str, Density] = {}
        logs = BlockMap(pixels.astype(np.float64)) if self.plan.log_density else None
        if logs is not None:
            pixels, maps = np.exp(logs.pixels), {}
        values = {}
        for variant in self.plan.variants:
            dialect = variant.dialect
            if dialect.unit not in maps:
                maps[dialect.unit] = prepare(pixels, unit=dialect.unit)
            prepared = maps[dialect.unit]
            if dialect.name not in truths:
                truths[dialect.name] = self._prepare(
                    variant, truth, own, prepared, densities, density
                )
            prepared_truth = truths[dialect.name]
            constants = self.plan.constants[variant.key]
            if variant.metric == "ig":
                if logs is not None and constants["form"] == "log density":
                    prepared = logs
                prepared_truth.baseline = self.baseline(variant, truth, prepared_truth.index, own)
            values[variant.key] = self._compute(variant.metric, prepared, prepared_truth, constants)
        return values

    def _compute(
        self, metric: str, prepared: PreparedMap, truth: PreparedTruth, constants: Mapping[str, Any]
    ) -> float:
        if metric == "kl" and constants["rule"] == "sum":
            kept, truth.density = truth.density, without_negatives(truth.density)
            value = METRICS[metric].compute(prepared, truth, **constants)
            truth.density = kept
            if np.isnan(value) and prepared.low[0] < 0:
                raise NegativeMapError
            return float(value)
        needs_points = METRICS[metric].facts.needs != "density"
        if needs_points and (truth.index is None or not len(truth.index)):
            return float("nan")
        return float(METRICS[metric].compute(prepared, truth, **constants))

    def _prepare(
        self,
        variant: Variant,
        truth: GroundTruth,
        own_fixations: Fixations,
        prepared: PreparedMap,
        densities: dict[str, Density],
        given: Density | None,
    ) -> PreparedTruth:
        dialect, fixations = variant.dialect, truth.fixations
        assert fixations is not None
        result = PreparedTruth(
            dialect_index(fixations, dialect),
            size=truth.size,
            rng=lambda metric: self._generator(metric, truth.name),
        )
        result.negatives = self.negatives(dialect, truth, result.index, own_fixations)
        spec = self.plan.densities.get(dialect.name)
        if spec is not None:
            key = spec.describe()
            if key not in densities:
                densities[key] = given or usable_density(truth, spec)
            result.density = prepare(densities[key].values, unit=dialect.unit)
            _count_jointly(prepared, result)
        return result

    def negatives(
        self, dialect: Dialect, truth: GroundTruth, index: np.ndarray, own: Fixations
    ) -> CountNegatives | PixelNegatives | None:
        """The other images' fixations that an image's shuffled AUC counts against.

        Args:
            dialect: one of the plan's dialects.
            truth: the image.
            index: row-major pixels of its positives.
            own: its share of the pooled fixations.

        Returns:
            None where no other image supplies any, or where no column needs them.
        """
        pool = self.plan.pools.get(dialect.name)
        if pool is None or pool.suppliers <= (truth.name in pool.known):
            return None
        kinds = [
            self.plan.constants[v.key]["kind"]
            for v in self.plan.variants
            if v.metric == "sauc" and v.dialect is dialect
        ]
        if "splits" in kinds:
            generator = self._generator("sauc images", truth.name)
            return PixelNegatives(pool.drawn_union(truth.name, truth.size, generator))
        return CountNegatives(
            pool.counts(truth.size),
            pool.total(truth.size),
            own_points(own, dialect) if truth.name in pool.known else _none(),
            np.unique(index) if dialect.filter_duplicates else _none(),
            pool.packed(truth.size),
        )

    def baseline(
        self, variant: Variant, truth: GroundTruth, index: np.ndarray, own: Fixations
    ) -> float:
        """Mean log2 baseline density at an image's positives, which a column of IG subtracts.

        Args:
            variant: the column.
            truth: the image.
            index: row-major pixels of its positives.
            own: its share of the data set's fixations, which is taken off.

        Returns:
            nan without positives, and where the baseline is constant and a dialect's scale of it
            therefore 0/0.
        """
        n = truth.size[0] * truth.size[1]
        if not len(index):
            return float("nan")
        if self.plan.uniform_baseline:
            return -float(np.log2(n))
        constants = self.plan.constants[variant.key]
        form, eps = constants["form"], constants["eps"]
        dialect = variant.dialect
        if dialect.name in self.plan.pooled_baselines:
            pool = self.plan.pools[dialect.name]
            if pool.suppliers <= (truth.name in pool.known):
                return float("nan")  # nobody looked at another image: what is left is rounding
            sigma_px = dialect.baseline_sigma_px
            assert sigma_px is not None, "dialects whose baseline is a blur state its width"
            points = own_points(own, dialect) if truth.name in pool.known else _none()
            base = self._blurred_pool(pool, truth.size, sigma_px)
            base = base - blur_points(points, truth.size, sigma_px)
            if base.max() - base.min() <= ROUNDING * np.abs(base).max():
                return float("nan")
            return float(mean_log2(BlockMap(base), index, form=form, eps=eps))
        bias = self.plan.bias
        assert bias is not None, "every other dialect's baseline is the centre bias"
        if form == "min-max":
            base = bias.density(truth.size, without=own)
            return float(mean_log2(BlockMap(base), index, form=form, eps=eps))
        at = bias.at_fixations(own, index)
        return float(np.log2(at + (eps if form == "map" else 0.0)).mean())

    def _blurred_pool(self, pool: Any, size: tuple[int, int], sigma_px: float) -> np.ndarray:
        kept = getattr(pool, "blurred", None)
        if kept is None or kept[0] != (size, sigma_px):
            kept = ((size, sigma_px), blur(pool.counts(size).reshape(size), sigma_px))
            pool.blurred = kept
        return kept[1]

    def _generator(self, metric: str, name: str) -> np.random.Generator:
        # seeded by the image, never by its place: any order and any number of workers agree
        digest = hashlib.sha256(
            f"{self.plan.seed}\0{metric}\0{name}".encode("utf-8", "surrogateescape")
        ).digest()
        return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))


class NegativeMapError(ValueError):
    """A map with negative values under a dialect whose KL takes a plain logarithm."""


def _none() -> np.ndarray:
    return np.empty(0, np.int64)


def _count_jointly(prepared: Any, truth: PreparedTruth) -> None:
    """One pass over two 8-bit maps for all metrics of map, density and negatives."""
    density = truth.density
    if not isinstance(prepared, LevelMap) or not isinstance(density, LevelMap):
        return
    if prepared.pair is not None:
        return
    negatives = truth.negatives if isinstance(truth.negatives, CountNegatives) else None
    packed = negatives.packed if negatives is not None else None
    joint, by_level = joint_counts(prepared, density, packed)
    if negatives is not None and by_level is not None:
        prepared.negative_counts = (negatives.counts, by_level)
    prepared.pair = JointPair(prepared, density, joint)
