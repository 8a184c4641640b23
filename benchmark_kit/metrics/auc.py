"""The exact area under the ROC curve, and its relatives with other negatives or thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark_kit.metrics._facts import Form, Graph, MetricFacts, Needs
from benchmark_kit.metrics._metric import metric
from benchmark_kit.metrics._steps import share_at_least, stepped_area
from benchmark_kit.prepared.forms import LevelMap, PreparedMap, PreparedTruth
from benchmark_kit.prepared.ranks import (
    NAN,
    area,
    pixel_ranks,
    two_u_of_levels,
    two_u_of_values,
)

FACTS = MetricFacts(
    name="auc",
    label="AUC (exact)",
    better="higher",
    low=0.0,
    high=1.0,
    unit="",
    needs=Needs.POINTS,
    randomised=True,
    forms=(
        Form({"negatives": "all"}, graph=Graph.PAIRS),
        Form({"negatives": "sampled"}, label="AUC (sampled)"),
    ),
)


def compute(
    prepared: PreparedMap,
    truth: PreparedTruth,
    *,
    negatives: str = "all",
    samples: int = 0,
    step: float = 0.0,
    draw: np.ndarray | None = None,
) -> float:
    """The area of a prepared map (numpy)."""
    index = truth.index
    if not len(index):
        return NAN
    if negatives == "sampled":
        if draw is None:
            draw = truth.rng("auc").integers(prepared.n, size=samples)
        return sampled_area(prepared, index, draw, step)
    if isinstance(prepared, LevelMap):
        positives, counts = prepared.counts_at(index), prepared.counts
        if negatives == "unfixated":
            counts = counts - prepared.counts_at(truth.unique)
        return area(two_u_of_levels(positives, counts), len(index), counts.sum())
    if negatives == "unfixated":
        unfixated = np.sort(np.delete(prepared.flat, truth.unique))
        return area(two_u_of_values(prepared.at(index), unfixated), len(index), len(unfixated))
    return area(pixel_ranks(prepared, truth)[0], len(index), prepared.n)


def sampled_area(prepared: PreparedMap, index: np.ndarray, drawn: np.ndarray, step: float) -> float:
    """The "AUC" of SALICON's evaluator: drawn pixels, min-max scale, thresholds every `step`."""
    low, high = float(prepared.low[0]), float(prepared.high[0])
    span = high - low if high > low else 1.0
    positives, negatives = (prepared.at(index) - low), (prepared.at(drawn) - low)
    if high - low > 0:
        positives, negatives = positives / span, negatives / span
    thresholds = np.arange(0.0, max(positives.max(), negatives.max()), step)[::-1]
    ordered = np.sort(negatives)
    fp = (len(ordered) - np.searchsorted(ordered, thresholds, side="left")) / len(ordered)
    return (
        float(stepped_area(share_at_least(positives, thresholds), fp)) if len(thresholds) else 0.5
    )


@metric(FACTS, compute)
def auc(
    saliency: Any,
    fixations: Any,
    *,
    negatives: str = "all",
    samples: int = 0,
    step: float = 0.0,
    seed: int = 0,
    draw: np.ndarray | None = None,
) -> float:
    """Chance that a fixation's value exceeds a negative's; ties count one half.

    Args:
        saliency: array (height, width), finite; any strictly monotone scale gives the same number.
        fixations: `Fixations`, or an (n, 2) array of x, y in pixels; repeats count.
        negatives: `"all"` pixels (tuebingen), `"unfixated"` pixels, or `"sampled"`: the relative
            in SALICON's 2015 evaluator, whose value depends on `samples`, `step` and `seed`.
        samples: number of pixels drawn with replacement, for `"sampled"`.
        step: distance of the thresholds on the min-max scale, for `"sampled"`.
        seed: seed of the draw, for `"sampled"`.
        draw: row-major pixel numbers, instead of a seeded draw.

    Returns:
        float in 0..1; 0.5 for a constant map; nan without fixations or negatives, or where the map
        holds NaN or Inf.

    Raises:
        TypeError: a density where points are due.
        ValueError: points outside the map.

    Example:
        >>> import numpy as np
        >>> auc(np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[1, 1], [0, 0]]))
        0.5

    Reference: Bylinskii et al. 2019; pysaliency `AUC`; SALICON evaluator `auc.py`.
    """
    return auc.score(
        saliency,
        fixations,
        negatives=negatives,
        samples=samples,
        step=step,
        seed=seed,
        draw=draw,
    )
