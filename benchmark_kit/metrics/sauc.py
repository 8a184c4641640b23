"""Shuffled AUC: the negatives are where people looked in other images (Zhang et al. 2008)."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark_kit.metrics._facts import Form, Graph, MetricFacts, Needs
from benchmark_kit.metrics._metric import metric
from benchmark_kit.metrics._steps import min_max, split_areas, weighted_area
from benchmark_kit.prepared.forms import LevelMap, PreparedMap, PreparedTruth
from benchmark_kit.prepared.negatives import CountNegatives
from benchmark_kit.prepared.ranks import NAN, area, pixel_ranks, two_u_of_levels, two_u_of_values

FACTS = MetricFacts(
    name="sauc",
    label="sAUC",
    better="higher",
    low=0.0,
    high=1.0,
    unit="",
    needs=Needs.OTHERS,
    randomised=True,
    undefined="no negatives: no other image was looked at there",
    forms=(
        Form({"kind": "exact"}, graph=Graph.PAIRS),
        Form({"kind": "splits"}, few_others=True),
        Form({"kind": "weighted", "colon": "arange"}, own_erased=True),
    ),
)


def compute(
    prepared: PreparedMap,
    truth: PreparedTruth,
    *,
    kind: str,
    splits: int = 0,
    step: float = 0.0,
    colon: str = "matlab",
    draw: np.ndarray | None = None,
) -> float:
    """Shuffled AUC of a prepared map (numpy)."""
    if not len(truth.index) or truth.negatives is None:
        return NAN
    if kind == "exact":
        return _exact(prepared, truth)
    if kind == "weighted":
        return _weighted(prepared, truth, step, colon)
    return _splits(prepared, truth, splits, step, colon, draw)


def _exact(prepared: PreparedMap, truth: PreparedTruth) -> float:
    negatives, n = truth.negatives, len(truth.index)
    count = negatives.total - len(negatives.own)
    if isinstance(prepared, LevelMap):
        by_level = negative_levels(prepared, negatives) - prepared.counts_at(negatives.own)
        return area(two_u_of_levels(prepared.counts_at(truth.index), by_level), n, count)
    if len(negatives.counts) != prepared.n:
        raise ValueError("negatives belong to an image of another size")
    two_u = pixel_ranks(prepared, truth)[1]
    positives = np.sort(prepared.at(truth.index))
    own = np.sort(prepared.at(negatives.own))
    return area(two_u - two_u_of_values(positives, own), n, count)


def negative_levels(prepared: LevelMap, negatives: CountNegatives) -> np.ndarray:
    """All images' counts by gray level of the map; counted once and kept."""
    kept = prepared.negative_counts
    if kept is None or kept[0] is not negatives.counts:
        packed = negatives.packed
        if packed is None:
            sums = np.bincount(prepared.raw, weights=negatives.counts, minlength=256)
        else:
            sums = packed.by_level(prepared.raw)
        kept = (negatives.counts, sums)
        prepared.negative_counts = kept
    return kept[1]


def _weighted(prepared: PreparedMap, truth: PreparedTruth, step: float, colon: str) -> float:
    low, high = prepared.low[0], prepared.high[0]
    counts = truth.negatives.per_pixel()
    if not counts.any():
        return NAN
    if low == high:
        # SALICON's evaluator divides only if the maximum is positive: all values tie
        return 0.5 if colon == "arange" else NAN
    positives = min_max(prepared.at(truth.index), low, high)
    if isinstance(prepared, LevelMap):
        weights = np.bincount(prepared.raw, weights=counts, minlength=256)
        touched = np.bincount(prepared.raw, weights=counts > 0, minlength=256) > 0
        return weighted_area(
            positives, min_max(prepared.levels[touched], low, high), weights[touched], step, colon
        )
    where = np.flatnonzero(counts)
    return weighted_area(
        positives, min_max(prepared.at(where), low, high), counts[where].astype(float), step, colon
    )


def _splits(
    prepared: PreparedMap,
    truth: PreparedTruth,
    splits: int,
    step: float,
    colon: str,
    draw: np.ndarray | None,
) -> float:
    low, high = prepared.low[0], prepared.high[0]
    others = truth.negatives.index
    m = min(len(truth.unique), len(others))
    if low == high or m == 0:
        return NAN
    if draw is None:
        generator = truth.rng("sauc")
        draw = np.stack([generator.permutation(others)[:m] for _ in range(splits)], axis=1)
    positives = min_max(prepared.at(truth.unique), low, high)
    negatives = min_max(prepared.at(draw.reshape(-1)).reshape(draw.shape), low, high)
    return float(split_areas(positives, negatives, step, colon).mean())


@metric(FACTS, compute)
def sauc(
    saliency: Any,
    fixations: Any,
    negatives: Any = None,
    *,
    negative_counts: np.ndarray | None = None,
    kind: str = "exact",
    splits: int = 0,
    step: float = 0.0,
    colon: str = "matlab",
    seed: int = 0,
    draw: np.ndarray | None = None,
) -> float:
    """AUC against the fixations of other images, which takes the centre bias out.

    Args:
        saliency: array (height, width), finite.
        fixations: `Fixations`, or an (n, 2) array of x, y in pixels.
        negatives: other images' fixations as points on this map's grid, repeats kept; or
        negative_counts: how often each pixel is one, integers (height, width).
        kind: `"exact"` (tuebingen), `"splits"` (mit: random subsets of distinct pixels), or
            `"weighted"` (salicon2015, salicon2017: every pixel weighted by its count).
        splits: number of random subsets, for `"splits"`.
        step: distance of the thresholds on the min-max scale, but for `"exact"`.
        colon: rule of the threshold grid: `"matlab"`, `"octave"` or `"arange"`; with `"arange"`
            (salicon2015) the image's own fixated pixels are no negatives.
        seed: seed of the subsets.
        draw: row-major pixel numbers, (m, splits), instead of a seeded draw.

    Returns:
        float in 0..1; nan without fixations or negatives, or where the map holds NaN or Inf; a
        constant map is 0.5, or nan in the dialects mit and salicon2017.

    Raises:
        TypeError: a density where points are due, or both or none of the two kinds of negatives.
        ValueError: points outside the map.

    Example:
        >>> import numpy as np
        >>> sauc(np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[0, 1]]), np.array([[1, 0], [1, 1]]))
        0.5

    Reference: Zhang et al. 2008; MIT code `AUC_shuffled.m`; pysaliency `sAUC`; SALICON evaluator.
    """
    return sauc.score(
        saliency,
        fixations,
        negatives,
        negative_counts=negative_counts,
        kind=kind,
        splits=splits,
        step=step,
        colon=colon,
        seed=seed,
        draw=draw,
    )
