"""Pearson's correlation of a map with a ground-truth density."""

from __future__ import annotations

from typing import Any

from benchmark_kit.metrics._facts import Graph, MetricFacts, Needs
from benchmark_kit.metrics._metric import metric
from benchmark_kit.prepared.forms import NUMPY, PreparedMap, PreparedTruth
from benchmark_kit.prepared.pair import prepare_pair

FACTS = MetricFacts(
    name="cc",
    label="CC",
    better="higher",
    low=-1.0,
    high=1.0,
    unit="",
    needs=Needs.DENSITY,
    graph=Graph.FORMULA,
)


def compute(prepared: PreparedMap, truth: PreparedTruth, *, constant: float) -> Any:
    """CC of a prepared map with the prepared density."""
    xp = prepared.xp
    density = truth.density
    nan = float("nan")
    flat_map = prepared.low == prepared.high
    flat_density = density.low == density.high
    product = prepared.squares * density.squares
    root = xp.sqrt(xp.where(product > 0, product, product * 0 + 1))
    score = prepare_pair(prepared, density).cross() / root
    score = xp.where(flat_map, 0 * score + constant, score)
    return xp.where(flat_density, 0 * score + nan, score)[..., 0]


@metric(FACTS, compute)
def cc(saliency: Any, density: Any, *, constant: float, xp: Any = NUMPY) -> Any:
    """Pearson's correlation over all pixels.

    Args:
        saliency: array (height, width), finite, any affine scale.
        density: `Density` or array (height, width) of the same size.
        constant: value of a constant map against a density that is not: 0 (tuebingen), nan (mit).
        xp: array namespace.

    Returns:
        float in -1..1; nan if the density is constant, or either holds NaN or Inf.

    Raises:
        TypeError: points where a density is due.
        ValueError: different sizes.

    Example:
        >>> import numpy as np
        >>> ramp = np.arange(6.0).reshape(2, 3)
        >>> float(cc(ramp, 1 - ramp / 5, constant=0.0).round(4))
        -1.0

    Reference: Le Meur et al. 2007; MIT code `CC.m`; pysaliency `CC`.
    """
    return cc.score(saliency, density, xp=xp, constant=constant)
