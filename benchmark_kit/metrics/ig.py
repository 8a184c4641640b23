"""Information gain over a baseline, in bits a fixation (Kümmerer, Wallis and Bethge 2015)."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark_kit.metrics._facts import Form, Graph, MetricFacts, Needs
from benchmark_kit.metrics._metric import metric
from benchmark_kit.prepared.baseline import Baseline
from benchmark_kit.prepared.distribution import Share
from benchmark_kit.prepared.forms import NUMPY, PreparedMap, PreparedTruth

FACTS = MetricFacts(
    name="ig",
    label="IG",
    better="higher",
    low=None,
    high=None,
    unit="bit/fixation",
    needs=Needs.BASELINE,
    graph=Graph.FORMULA,
    chooses=2,
    forms=(
        # of any map this is a choice of ours, never to be called plain IG
        Form({"form": "map"}, label="IG (map)", key="ig_map", for_logs={"form": "log density"}),
        Form({"form": "log density"}, of_logs=True),
        Form({"form": "min-max"}, undefined="the baseline is constant"),
    ),
)
LN2 = float(np.log(2.0))
RULES = {"map": "shifted sum", "min-max": "min-max sum"}


def compute(
    prepared: PreparedMap, truth: PreparedTruth, *, form: str, eps: float = 0.0, mask: Any = None
) -> Any:
    """IG of a prepared map; `truth.baseline` is the mean log2 baseline density at the fixations."""
    return mean_log2(prepared, truth.index, form=form, eps=eps, mask=mask) - truth.baseline


def mean_log2(
    prepared: PreparedMap, index: Any, *, form: str, eps: float = 0.0, mask: Any = None
) -> Any:
    """Mean over the points of log2 of the density that a map or log density stands for.

    nan for a constant map where `form` is `"min-max"`: its scale is 0/0.
    """
    xp = prepared.xp
    at = prepared.at(index)
    if form != "log density":
        at = xp.log(Share(prepared, RULES[form])(at) + eps)
    if mask is None:
        score = xp.sum(at, axis=-1) / index.shape[-1] / LN2
    else:
        score = xp.sum(at * mask, axis=-1) / xp.sum(mask, axis=-1) / LN2
    if form != "min-max":
        return score
    flat = (prepared.low == prepared.high)[..., 0]
    return xp.where(flat, 0 * score + float("nan"), score)


def of_baseline(baseline: Baseline, index: Any, *, form: str, eps: float = 0.0) -> Any:
    """Mean over the points of log2 of the baseline density, which `compute` subtracts."""
    if baseline.whole is None:
        return -float(np.log2(baseline.n))
    if baseline.at is None or form == "min-max":
        return mean_log2(baseline.whole(), index, form=form, eps=eps)
    return np.log2(baseline.at(index) + (eps if form == "map" else 0.0)).mean()


@metric(FACTS, compute, of_baseline)
def ig(
    saliency: Any, fixations: Any, baseline: Any, *, form: str, eps: float = 0.0, xp: Any = NUMPY
) -> Any:
    """Mean gain in log2 likelihood of the fixations over a baseline.

    Args:
        saliency: array (height, width): with form `"log density"` natural logarithms whose exp sums
            to one; else a map.
        fixations: `Fixations`, or an (n, 2) array of x, y in pixels; repeats count unless a dialect
            collapses them.
        baseline: array of the same size and kind, or `"uniform"`.
        form: `"log density"`: mean of (ln p - ln p0) / ln 2; `"map"`: shift to >= 0 if negative,
            divide by the sum, log2(p + eps): our choice for maps, never to be called plain IG;
            `"min-max"`: min-max scale, divide by the sum, log2(eps + p) (mit).
        eps: constant inside the logarithm, 2**-52 for `"map"` and `"min-max"`.
        xp: array namespace.

    Returns:
        float in bits a fixation; nan without fixations, where map or baseline hold NaN or Inf, and
        for a constant map or baseline where `form` is `"min-max"`.

    Raises:
        TypeError: a density where points are due.
        ValueError: different sizes, or points outside the map.

    Example:
        >>> import numpy as np
        >>> log_p = np.log(np.array([[0.5, 0.25], [0.125, 0.125]]))
        >>> float(ig(log_p, np.array([[0, 0]]), "uniform", form="log density").round(9))
        1.0

    Reference: Kümmerer et al. 2015; MIT code `InfoGain.m`; pysaliency `information_gain`.
    """
    return ig.score(saliency, fixations, baseline, form=form, eps=eps, xp=xp)
