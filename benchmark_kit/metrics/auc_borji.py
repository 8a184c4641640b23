"""AUC-Borji: random pixels as negatives, thresholds in steps (Borji, Sihite and Itti 2013)."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark_kit.metrics._facts import MetricFacts, Needs
from benchmark_kit.metrics._metric import metric
from benchmark_kit.metrics._steps import min_max, split_areas
from benchmark_kit.prepared.forms import PreparedMap, PreparedTruth

FACTS = MetricFacts(
    name="auc_borji",
    label="AUC-Borji",
    better="higher",
    low=0.0,
    high=1.0,
    unit="",
    needs=Needs.POINTS,
    randomised=True,
    undefined="fewer than two fixated pixels",
)


def compute(
    prepared: PreparedMap,
    truth: PreparedTruth,
    *,
    splits: int,
    step: float,
    colon: str,
    draw: np.ndarray | None = None,
) -> float:
    """AUC-Borji of a prepared map (numpy)."""
    low, high = prepared.low[0], prepared.high[0]
    # one fixation is not enough here, unlike in the other kinds: AUC_Borji.m
    if len(truth.unique) <= 1 or low == high:
        return float("nan")
    if draw is None:
        draw = truth.rng("auc_borji").integers(prepared.n, size=(len(truth.unique), splits))
    positives = min_max(prepared.at(truth.unique), low, high)
    negatives = min_max(prepared.at(draw.reshape(-1)).reshape(draw.shape), low, high)
    return float(split_areas(positives, negatives, step, colon).mean())


@metric(FACTS, compute)
def auc_borji(
    saliency: Any,
    fixations: Any,
    *,
    splits: int,
    step: float,
    colon: str,
    seed: int = 0,
    draw: np.ndarray | None = None,
) -> float:
    """Mean area over splits whose negatives are pixels drawn with replacement.

    Args:
        saliency: array (height, width), finite, any positive affine scale.
        fixations: `Fixations`, or an (n, 2) array of x, y in pixels; repeats collapse.
        splits: number of random splits (mit: 100).
        step: distance of the thresholds on the min-max scale (mit: 0.1).
        colon: rule of the threshold grid: `"matlab"`, `"octave"` or `"arange"`.
        seed: seed of the draw.
        draw: row-major pixel numbers, (fixated pixels, splits), instead of a seeded draw.

    Returns:
        float in 0..1; nan with fewer than two fixated pixels, for a constant map, and where the map
        holds NaN or Inf.

    Raises:
        TypeError: a density where points are due.
        ValueError: points outside the map.

    Reference: MIT code `AUC_Borji.m`.
    """
    return auc_borji.score(
        saliency, fixations, splits=splits, step=step, colon=colon, seed=seed, draw=draw
    )
