"""One image's scores: the map is prepared once and every column's metric computes from it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from benchmark_kit.dialects import Dialect
from benchmark_kit.imaging.density import blur, blur_points
from benchmark_kit.imaging.shipped_density import usable_density
from benchmark_kit.metrics import MetricFacts, Needs
from benchmark_kit.prepared.arrays import without_negatives
from benchmark_kit.prepared.baseline import Baseline
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
from benchmark_kit.scoring.variants import Variant
from benchmark_kit.types import Density, Fixations, GroundTruth

ROUNDING = 1e-12  # relative spread of a blur that is constant but for the order of its sums


@dataclass(eq=False)
class Judged:
    """What every map of one image is compared with, prepared by whoever asks first.

    Args:
        truth: the image's ground truth, with fixations.
        own: the image's share of the data set's pooled fixations.
        density: ground-truth density to use instead of the plan's own way.

    Attributes:
        truths: dialect -> prepared truth.
        densities: (how it is made, whether integers are divided to 0..1) -> prepared density.
        baselines: column key -> what its metric makes of its baseline.
    """

    truth: GroundTruth
    own: Fixations
    density: Density | None
    truths: dict[str, PreparedTruth] = field(default_factory=dict)
    densities: dict[tuple[str, bool], PreparedMap] = field(default_factory=dict)
    baselines: dict[str, float] = field(default_factory=dict)


class Scorer:
    """Scores images under a plan; keeps what images of one size share, and the last image's truth.

    Args:
        plan: columns, constants and the data set's pooled fixations.
    """

    def __init__(self, plan: ScoringPlan):
        self.plan = plan
        self._judged: Judged | None = None
        self._bases: tuple[Fixations | None, dict[str, Baseline | None]] = (None, {})

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
        judged = self._judge(truth, density, own)
        maps = {} if maps is None else maps
        logs = BlockMap(pixels.astype(np.float64)) if self.plan.log_density else None
        if logs is not None:
            pixels, maps = np.exp(logs.pixels), {}
        values = {}
        for variant in self.plan.variants:
            dialect = variant.dialect
            if dialect.unit not in maps:
                maps[dialect.unit] = prepare(pixels, unit=dialect.unit)
            prepared = maps[dialect.unit]
            if dialect.name not in judged.truths:
                judged.truths[dialect.name] = self._prepare(variant, judged)
            prepared_truth = judged.truths[dialect.name]
            _count_jointly(prepared, prepared_truth)
            if logs is not None and self.plan.form(variant).of_logs:
                prepared = logs
            if variant.facts.needs is Needs.BASELINE:
                if variant.key not in judged.baselines:
                    judged.baselines[variant.key] = self.baseline(
                        variant, truth, prepared_truth.index, judged.own
                    )
                prepared_truth.baseline = judged.baselines[variant.key]
            values[variant.key] = self._compute(variant, prepared, prepared_truth)
        return values

    def _judge(self, truth: GroundTruth, density: Density | None, own: Fixations | None) -> Judged:
        """The last image's again, where it is asked for; an image's own alone is kept."""
        fixations = truth.fixations
        assert fixations is not None, "a row without fixations is made, not scored"
        own = fixations if own is None else own
        if density is not None or own is not fixations:
            return Judged(truth, own, density)
        if self._judged is None or self._judged.truth is not truth:
            self._judged = None  # its arrays go before the next ones come
            self._judged = Judged(truth, own, None)
        return self._judged

    def _compute(self, variant: Variant, prepared: PreparedMap, truth: PreparedTruth) -> float:
        compute, constants = variant.function.compute, self.plan.constants[variant.key]
        if self.plan.form(variant).logarithm:
            kept, truth.density = truth.density, without_negatives(truth.density)
            value = compute(prepared, truth, **constants)
            truth.density = kept
            if np.isnan(value) and prepared.low[0] < 0:
                raise NegativeMapError(variant.facts)
            return float(value)
        of_points = variant.facts.needs is not Needs.DENSITY
        if of_points and (truth.index is None or not len(truth.index)):
            return float("nan")
        return float(compute(prepared, truth, **constants))

    def _prepare(self, variant: Variant, judged: Judged) -> PreparedTruth:
        dialect, truth, fixations = variant.dialect, judged.truth, judged.truth.fixations
        assert fixations is not None
        result = PreparedTruth(
            dialect_index(fixations, dialect),
            size=truth.size,
            rng=lambda metric: self._generator(metric, truth.name),
        )
        result.negatives = self.negatives(dialect, truth, result.index, judged.own)
        spec = self.plan.densities.get(dialect.name)
        if spec is not None:
            key = (spec.describe(), dialect.unit)
            if key not in judged.densities:
                found = (judged.density or usable_density(truth, spec)).values
                judged.densities[key] = prepared = prepare(found, unit=dialect.unit)
                if found.dtype.kind == "f":  # which no dialect divides
                    judged.densities[key[0], not dialect.unit] = prepared
            result.density = judged.densities[key]
        return result

    def negatives(
        self, dialect: Dialect, truth: GroundTruth, index: np.ndarray, own: Fixations
    ) -> CountNegatives | PixelNegatives | None:
        """The other images' fixations that an image's map is compared with.

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
        columns = [v for v in self.plan.comparing_with(Needs.OTHERS) if v.dialect is dialect]
        few = next((v for v in columns if self.plan.form(v).few_others), None)
        if few is not None:
            generator = self._generator(f"{few.metric} images", truth.name)
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
        """What a column makes of its baseline, as its metric says (`of_baseline`).

        Args:
            variant: the column.
            truth: the image.
            index: row-major pixels of its positives.
            own: its share of the data set's fixations, which is taken off.

        Returns:
            nan without positives, and where the baseline is constant and a dialect's scale of it
            therefore 0/0.
        """
        if not len(index):
            return float("nan")
        if self._bases[0] is not own:
            self._bases = (own, {})
        bases, dialect = self._bases[1], variant.dialect
        if dialect.name not in bases:
            bases[dialect.name] = self._baseline(dialect, truth, own)
        baseline = bases[dialect.name]
        if baseline is None:
            return float("nan")
        constants = self.plan.constants[variant.key]
        return float(variant.function.of_baseline(baseline, index, **constants))

    def _baseline(self, dialect: Dialect, truth: GroundTruth, own: Fixations) -> Baseline | None:
        """An image's baseline in a dialect; None where nobody looked at another image."""
        n = truth.size[0] * truth.size[1]
        if self.plan.uniform_baseline:
            return Baseline(n)
        if dialect.name in self.plan.pooled_baselines:
            pool = self.plan.pools[dialect.name]
            if pool.suppliers <= (truth.name in pool.known):
                return None  # what is left is rounding
            sigma_px = dialect.baseline_sigma_px
            assert sigma_px is not None, "dialects whose baseline is a blur state its width"
            points = own_points(own, dialect) if truth.name in pool.known else _none()
            base = self._blurred_pool(pool, truth.size, sigma_px)
            base = base - blur_points(points, truth.size, sigma_px)
            if base.max() - base.min() <= ROUNDING * np.abs(base).max():
                return None
            return Baseline(n, cache(lambda: BlockMap(base)))
        bias = self.plan.bias
        assert bias is not None, "every other dialect's baseline is the centre bias"
        return Baseline(
            n,
            cache(lambda: BlockMap(bias.density(truth.size, without=own))),
            lambda index: bias.at_fixations(own, index),
        )

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
    """A map with negative values in a column that takes their logarithm.

    Args:
        facts: the column's metric.
    """

    def __init__(self, facts: MetricFacts):
        super().__init__(facts.name)
        self.facts = facts


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
