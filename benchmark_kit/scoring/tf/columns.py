"""The columns that the device computes, on batches of one image size.

Formulas are the metrics' own over TensorFlow. Exact areas come as the integer 2U
(`prepared.ranks`): the few positives are sorted, every pixel finds its place among them
by two binary searches, and the pairs it makes serve AUC (each pixel once) and shuffled AUC (each
pixel as often as it is a negative) alike. The host divides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from benchmark_kit.metrics import Graph, Needs
from benchmark_kit.prepared.forms import PixelMap, PreparedTruth
from benchmark_kit.scoring.plan import ScoringPlan
from benchmark_kit.scoring.variants import Variant

SCALE = {"uint8": 255.0, "uint16": 65535.0}


def graph_of(plan: ScoringPlan, variant: Variant) -> Graph:
    """How graphs compute a column."""
    return plan.form(variant).graph or variant.facts.graph


def restrict(plan: ScoringPlan, *, device: bool) -> ScoringPlan:
    """The plan with only the columns of the device, or only the others."""
    variants = tuple(v for v in plan.variants if (graph_of(plan, v) is not Graph.HOST) is device)
    wants = {v.dialect.name for v in variants if v.facts.needs is Needs.DENSITY}
    return replace(
        plan,
        variants=variants,
        constants={v.key: plan.constants[v.key] for v in variants},
        densities={name: spec for name, spec in plan.densities.items() if name in wants},
    )


def areas(plan: ScoringPlan) -> list[Variant]:
    """Columns that come as integers."""
    return [v for v in plan.variants if graph_of(plan, v) is Graph.PAIRS]


def scores(plan: ScoringPlan) -> list[Variant]:
    """Columns that come as floats."""
    return [v for v in plan.variants if graph_of(plan, v) is Graph.FORMULA]


def point_dialects(plan: ScoringPlan) -> list[str]:
    """Names of the dialects whose view of the fixations some column needs."""
    named = [v.dialect.name for v in plan.variants if v.facts.needs is not Needs.DENSITY]
    return list(dict.fromkeys(named))


def density_slots(plan: ScoringPlan) -> dict[str, str]:
    """Dialect name -> name of its density in a batch; dialects of one kind of density share it."""
    described = {name: spec.describe() for name, spec in plan.densities.items()}
    order = list(dict.fromkeys(described.values()))
    return {name: f"density/{order.index(text)}" for name, text in described.items()}


def score_batch(
    plan: ScoringPlan, batch: Mapping[str, Any], maps: Any, logs: Any, floats: str
) -> Any:
    """All device columns of a batch.

    Args:
        plan: restricted to the device's columns.
        batch: `index/DIALECT`, `mask/DIALECT` (b, points), `own/DIALECT`, `own_mask/DIALECT`,
            `counts/DIALECT` (pixels,), `density/N` (b, height, width), `baseline` (b, columns that
            need one).
        maps: maps (b, height, width) as stored.
        logs: natural-log densities (b, height, width), or None.
        floats: type to compute in.

    Returns:
        (scores (b, columns of `scores` + 2), the last two being the map's extremes, nan where a
        pixel is not finite; 2U (b, columns of `areas`), int64).
    """
    return _Batch(plan, batch, maps, logs, floats).all()


class _Batch:
    def __init__(
        self, plan: ScoringPlan, batch: Mapping[str, Any], maps: Any, logs: Any, floats: str
    ):
        import tensorflow as tf

        from benchmark_kit.xp import tensorflow_namespace

        self.tf, self.xp = tf, tensorflow_namespace()
        self.plan, self.batch, self.floats = plan, batch, tf.as_dtype(floats)
        self.raw = maps
        self.n = tf.shape(maps)[1] * tf.shape(maps)[2]
        self.logs = None if logs is None else self._map(logs, False)
        self.slots = density_slots(plan)
        self._maps: dict[bool, PixelMap] = {}
        self._densities: dict[tuple[str, bool], PixelMap] = {}
        self._pairs: dict[str, Any] = {}

    def _map(self, values: Any, unit: bool) -> PixelMap:
        wide = self.tf.cast(values, self.floats)
        if unit and values.dtype.name in SCALE:
            wide = wide / SCALE[values.dtype.name]
        return PixelMap(wide, self.xp, n=self.tf.cast(self.n, self.floats))

    def prepared(self, unit: bool) -> PixelMap:
        if unit not in self._maps:
            self._maps[unit] = self._map(self.raw, unit)
        return self._maps[unit]

    def density(self, dialect: Any) -> PixelMap:
        key = (self.slots[dialect.name], dialect.unit)
        if key not in self._densities:
            self._densities[key] = self._map(self.batch[key[0]], dialect.unit)
        return self._densities[key]

    def pairs(self, dialect: Any) -> Any:
        """Twice the positives above each pixel, ties counted once, int64 (b, pixels)."""
        if dialect.name not in self._pairs:
            tf, prepared = self.tf, self.prepared(dialect.unit)
            mask = self.batch[f"mask/{dialect.name}"]
            at = prepared.at(self.batch[f"index/{dialect.name}"])
            # padding sorts behind every pixel and so is never counted as below or equal
            padding = tf.constant(float("inf"), self.floats)
            ordered = self.xp.sort(tf.where(mask, at, padding), axis=-1)
            left = self.xp.searchsorted(ordered, prepared.flat, side="left")
            right = self.xp.searchsorted(ordered, prepared.flat, side="right")
            positives = tf.reduce_sum(tf.cast(mask, tf.int64), axis=-1, keepdims=True)
            self._pairs[dialect.name] = 2 * positives - left - right
        return self._pairs[dialect.name]

    def area(self, variant: Variant) -> Any:
        tf, name = self.tf, variant.dialect.name
        pairs = self.pairs(variant.dialect)
        if variant.facts.needs is Needs.POINTS:
            return tf.reduce_sum(pairs, axis=-1)
        against_all = tf.reduce_sum(pairs * self.batch[f"counts/{name}"], axis=-1)
        own = self.xp.take_along_axis(pairs, self.batch[f"own/{name}"])
        mask = tf.cast(self.batch[f"own_mask/{name}"], tf.int64)
        return against_all - tf.reduce_sum(own * mask, axis=-1)

    def score(self, variant: Variant) -> Any:
        tf, dialect, needs = self.tf, variant.dialect, variant.facts.needs
        form = self.plan.form(variant)
        constants = dict(self.plan.constants[variant.key])
        prepared = self.prepared(dialect.unit)
        truth = PreparedTruth()
        if needs is Needs.DENSITY:
            truth.density = self.density(dialect)
            if form.logarithm:
                # the ringing of a Fourier blur has no logarithm
                truth.density = self._map(self.xp.maximum(truth.density.pixels, 0.0), False)
        else:
            truth.index = self.batch[f"index/{dialect.name}"]
            constants["mask"] = tf.cast(self.batch[f"mask/{dialect.name}"], self.floats)
        if needs is Needs.BASELINE:
            column = self.plan.comparing_with(needs).index(variant)
            truth.baseline = self.batch["baseline"][:, column]
        if self.logs is not None and form.of_logs:
            prepared = self.logs
        return variant.function.compute(prepared, truth, **constants)

    def extremes(self) -> list[Any]:
        unit = bool(self.plan.variants) and self.plan.variants[0].dialect.unit
        seen = self.logs or self.prepared(unit)
        nan = self.tf.constant(float("nan"), self.floats)
        finite = self.tf.reduce_all(self.xp.isfinite(seen.flat), axis=-1)
        return [self.tf.where(finite, end[:, 0], nan) for end in (seen.low, seen.high)]

    def all(self) -> tuple[Any, Any]:
        tf = self.tf
        found = [self.score(v) for v in scores(self.plan)]
        floats = tf.stack([*found, *self.extremes()], axis=-1)
        integers = [self.area(v) for v in areas(self.plan)]
        if not integers:
            return floats, tf.zeros((tf.shape(floats)[0], 0), tf.int64)
        return floats, tf.stack(integers, axis=-1)
