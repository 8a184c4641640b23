"""The columns that the device computes, on batches of one image size.

NSS, CC, SIM, KL and IG are the metrics' own formulas over TensorFlow. Exact areas come as the
integer 2U (`metrics._ranks`): the few positives are sorted, every pixel finds its place among them
by two binary searches, and the pairs it makes serve AUC (each pixel once) and shuffled AUC (each
pixel as often as it is a negative) alike. The host divides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from benchmark_kit.dialects import Variant
from benchmark_kit.metrics import METRICS
from benchmark_kit.prepared.forms import PixelMap, PreparedTruth
from benchmark_kit.scoring.plan import ScoringPlan

AREAS = ("auc", "sauc")
DENSITY_METRICS = ("cc", "sim", "kl")
SCALE = {"uint8": 255.0, "uint16": 65535.0}


def on_device(plan: ScoringPlan, variant: Variant) -> bool:
    """Whether the device computes a column: none that draws random numbers, and not EMD."""
    constants = plan.constants[variant.key]
    if variant.metric == "auc":
        return constants["negatives"] == "all"
    if variant.metric == "sauc":
        return constants["kind"] == "exact"
    return METRICS[variant.metric].facts.differentiable


def restrict(plan: ScoringPlan, *, device: bool) -> ScoringPlan:
    """The plan with only the columns of the device, or only the others."""
    variants = tuple(v for v in plan.variants if on_device(plan, v) is device)
    wants = {v.dialect.name for v in variants if METRICS[v.metric].facts.needs == "density"}
    return replace(
        plan,
        variants=variants,
        constants={v.key: plan.constants[v.key] for v in variants},
        densities={name: spec for name, spec in plan.densities.items() if name in wants},
    )


def areas(plan: ScoringPlan) -> list[Variant]:
    """Columns that come as integers."""
    return [v for v in plan.variants if v.metric in AREAS]


def scores(plan: ScoringPlan) -> list[Variant]:
    """Columns that come as floats."""
    return [v for v in plan.variants if v.metric not in AREAS]


def point_dialects(plan: ScoringPlan) -> list[str]:
    """Names of the dialects whose view of the fixations some column needs."""
    named = [v.dialect.name for v in plan.variants if v.metric not in DENSITY_METRICS]
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
            `counts/DIALECT` (pixels,), `density/N` (b, height, width), `baseline` (b, IG columns).
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
        if variant.metric == "auc":
            return tf.reduce_sum(pairs, axis=-1)
        against_all = tf.reduce_sum(pairs * self.batch[f"counts/{name}"], axis=-1)
        own = self.xp.take_along_axis(pairs, self.batch[f"own/{name}"])
        mask = tf.cast(self.batch[f"own_mask/{name}"], tf.int64)
        return against_all - tf.reduce_sum(own * mask, axis=-1)

    def score(self, variant: Variant) -> Any:
        tf, dialect, metric = self.tf, variant.dialect, variant.metric
        constants = dict(self.plan.constants[variant.key])
        prepared = self.prepared(dialect.unit)
        truth = PreparedTruth()
        if metric in DENSITY_METRICS:
            truth.density = self.density(dialect)
            if metric == "kl" and constants["rule"] == "sum":
                # the ringing of a Fourier blur has no logarithm
                truth.density = self._map(self.xp.maximum(truth.density.pixels, 0.0), False)
        else:
            truth.index = self.batch[f"index/{dialect.name}"]
            constants["mask"] = tf.cast(self.batch[f"mask/{dialect.name}"], self.floats)
        if metric == "ig":
            columns = [v.key for v in self.plan.variants if v.metric == "ig"]
            truth.baseline = self.batch["baseline"][:, columns.index(variant.key)]
            if self.logs is not None and constants["form"] == "log density":
                prepared = self.logs
        return METRICS[metric].compute(prepared, truth, **constants)

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
