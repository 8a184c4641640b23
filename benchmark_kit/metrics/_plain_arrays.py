"""From plain arrays to a metric's value: prepared as its facts say, then its `compute`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmark_kit.metrics._facts import Graph, Needs
from benchmark_kit.prepared.arrays import (
    prepared_densities,
    prepared_negatives,
    prepared_points,
    without_negatives,
)
from benchmark_kit.prepared.baseline import Baseline
from benchmark_kit.prepared.forms import NUMPY, PreparedMap, PreparedTruth, has_values, prepare

NAN = float("nan")


def score(
    metric: Any,
    saliency: Any,
    truth: tuple[Any, ...],
    *,
    unit: bool,
    binary: bool,
    constants: Mapping[str, Any],
) -> Any:
    """A metric of plain arrays.

    Args:
        metric: its public function, with facts, `compute` and `form`.
        saliency: the map.
        truth: a density; or points, and after them what else the metric needs.
        unit: 8- and 16-bit maps are divided by 255 or 65535 first.
        binary: repeated fixations collapse.
        constants: the metric's constants; further `xp` (formulas of graphs), `seed` (what draws at
            random) and `negative_counts` (what counts other images' fixations).

    Raises:
        TypeError: points where a density is due, or the other way round.
        ValueError: other sizes, points outside the map, a negative map where a logarithm is taken.
    """
    facts, given = metric.facts, dict(constants)
    xp = given.pop("xp", NUMPY) if facts.graph is Graph.FORMULA else NUMPY
    if facts.needs is Needs.DENSITY:
        same_size = not facts.any_size
        prepared, made = prepared_densities(saliency, *truth, unit=unit, xp=xp, same_size=same_size)
        return NAN if made.density is None else _of_density(metric, prepared, made, given)
    alone = facts.needs is Needs.POINTS
    points, more = (truth, ()) if alone else (truth[:1], truth[1:])
    prepared, made = prepared_points(saliency, *points, unit=unit, binary=binary, xp=xp)
    if facts.randomised:
        seed = given.pop("seed", 0)
        made.rng = lambda name: np.random.default_rng(seed)
    if facts.needs is Needs.OTHERS:
        form, counts = metric.form(given), given.pop("negative_counts", None)
        made.negatives = prepared_negatives(
            *more,
            counts=counts,
            size=(prepared.shape[0], prepared.shape[1]),
            distinct=form.few_others,
            erase=made.unique if form.own_erased else None,
        )
    if made.index.shape[-1] == 0:
        return NAN
    if facts.needs is Needs.BASELINE:
        baseline = _baseline(*more, prepared=prepared, unit=unit, xp=xp)
        if baseline is None:
            return NAN
        made.baseline = metric.of_baseline(baseline, made.index, **given)
    return metric.compute(prepared, made, **given)


def _of_density(
    metric: Any, prepared: PreparedMap, truth: PreparedTruth, constants: Mapping[str, Any]
) -> Any:
    if prepared.xp is not NUMPY or not metric.form(constants).logarithm:
        return metric.compute(prepared, truth, **constants)
    truth.density = without_negatives(truth.density)
    value = metric.compute(prepared, truth, **constants)
    if prepared.low[0] < 0 and np.isnan(value):
        raise ValueError(
            f"a negative map has no {metric.facts.label} in this dialect. "
            "Fix: subtract the minimum first"
        )
    return value


def _baseline(given: Any, *, prepared: PreparedMap, unit: bool, xp: Any) -> Baseline | None:
    """A baseline given as an array or in a word; None where it is not finite."""
    if isinstance(given, str):
        if given != "uniform":
            raise ValueError(f'baseline must be an array or "uniform", got {given!r}')
        return Baseline(prepared.n)
    base = prepare(given, unit=unit, xp=xp)
    if base.shape[-2:] != prepared.shape[-2:]:
        raise ValueError(f"the map has shape {prepared.shape}, the baseline {base.shape}")
    if xp is NUMPY and not has_values(base):
        return None
    return Baseline(prepared.n, lambda: base)
