"""Similarity, or histogram intersection, of a map and a ground-truth density."""

from __future__ import annotations

from typing import Any

from benchmark_kit.metrics._facts import Graph, MetricFacts, Needs
from benchmark_kit.metrics._metric import metric
from benchmark_kit.prepared.distribution import Share
from benchmark_kit.prepared.forms import NUMPY, PreparedMap, PreparedTruth
from benchmark_kit.prepared.pair import prepare_pair

FACTS = MetricFacts(
    name="sim",
    label="SIM",
    better="higher",
    low=0.0,
    high=1.0,
    unit="",
    needs=Needs.DENSITY,
    graph=Graph.FORMULA,
)


def compute(prepared: PreparedMap, truth: PreparedTruth, *, rule: str) -> Any:
    """SIM of a prepared map with the prepared density."""
    xp = prepared.xp
    p, q = Share(prepared, rule), Share(truth.density, rule)
    score = prepare_pair(prepared, truth.density).overlap(p, q)
    return xp.where(p.defined & q.defined, score, 0 * score + float("nan"))[..., 0]


@metric(FACTS, compute)
def sim(saliency: Any, density: Any, *, rule: str, xp: Any = NUMPY) -> Any:
    """Sum over pixels of the smaller of the two shares.

    Args:
        saliency: array (height, width), finite.
        density: `Density` or array (height, width) of the same size.
        rule: how a map becomes shares (`prepared.distribution`): `"shifted sum"` (tuebingen) or
            `"min-max sum"` (mit).
        xp: array namespace.

    Returns:
        float in 0..1; a constant map counts as uniform (tuebingen) or is nan (mit; 0 if all zero);
        nan where map or density hold NaN or Inf.

    Raises:
        TypeError: points where a density is due.
        ValueError: different sizes.

    Example:
        >>> import numpy as np
        >>> float(sim(np.array([[1.0, 1.0]]), np.array([[3.0, 1.0]]), rule="shifted sum"))
        0.75

    Reference: Judd et al. 2012; MIT code `similarity.m`; pysaliency `SIM`.
    """
    return sim.score(saliency, density, xp=xp, rule=rule)
