"""ROC areas whose thresholds are steps: the Borji and weighted kinds."""

from __future__ import annotations

import numpy as np


def colon(step: float, top: float, rule: str) -> np.ndarray:
    """Thresholds 0, step, 2 step, … up to `top`, ascending.

    Args:
        step: distance, > 0.
        top: largest threshold allowed.
        rule: `"matlab"` builds the second half from the end, as MathWorks describes a:d:b;
            `"octave"` multiplies throughout and clips the last value; `"arange"` is numpy's and
            leaves an exact end out.
    """
    if rule == "arange":
        return np.arange(0.0, top, step)
    if rule == "octave":
        count = int(np.floor(top / step * (1 + 2**-52))) + 1
        return np.minimum(np.arange(count) * step, top)
    if rule != "matlab":
        raise ValueError(f"unknown colon rule {rule!r}")
    eps = 2.0**-52
    n = round(top / step)
    if n * step - top > 2 * eps * top:
        n -= 1
    last = n * step
    if last - top > -2 * eps * top:
        last = top
    k = np.arange(n + 1, dtype=np.float64)
    values = np.where(k <= n / 2, k * step, last - (n - k) * step)
    if n % 2 == 0:
        values[n // 2] = last / 2
    return values


def stepped_area(tp: np.ndarray, fp: np.ndarray) -> np.ndarray:
    """Trapezoid area of rates at descending thresholds, ends (0, 0) and (1, 1) added.

    Args:
        tp: true-positive rates, (thresholds, …).
        fp: false-positive rates, same shape.
    """
    zero, one = np.zeros((1, *tp.shape[1:])), np.ones((1, *tp.shape[1:]))
    tp, fp = np.concatenate([zero, tp, one]), np.concatenate([zero, fp, one])
    return np.sum((fp[1:] - fp[:-1]) * (tp[1:] + tp[:-1]) / 2, axis=0)


def share_at_least(values: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Share of the values >= each threshold; values (n, …), result (thresholds, …)."""
    if not len(thresholds):
        # numpy's arange up to 0: nothing but the two ends of the curve
        return np.empty((0, *values.shape[1:]))
    return np.stack([(values >= t).sum(axis=0) for t in thresholds]) / len(values)


def split_areas(positives: np.ndarray, negatives: np.ndarray, step: float, rule: str) -> np.ndarray:
    """Areas of every split; each split's thresholds end at its own maximum.

    Args:
        positives: min-max scaled values at the fixated pixels, (n,).
        negatives: values of each split's random pixels, (m, splits).
        step: distance of the thresholds.
        rule: how `colon` counts them.

    Returns:
        float64 (splits,).
    """
    tops = np.maximum(negatives.max(axis=0), positives.max())
    areas = np.empty(negatives.shape[1])
    for top in np.unique(tops):
        where = tops == top
        thresholds = colon(step, top, rule)[::-1]
        fp = share_at_least(negatives[:, where], thresholds)
        tp = np.broadcast_to(share_at_least(positives, thresholds)[:, None], fp.shape)
        areas[where] = stepped_area(tp, fp)
    return areas


def weighted_area(
    positives: np.ndarray, negatives: np.ndarray, weights: np.ndarray, step: float, rule: str
) -> float:
    """Area where negative value i counts `weights[i]` times; thresholds end at the maximum of
    all.
    """
    if not len(positives) or not len(negatives):
        return float("nan")
    top = max(positives.max(), negatives.max())
    thresholds = colon(step, top, rule)[::-1]
    order = np.argsort(negatives, kind="stable")
    cumulated = np.concatenate([[0.0], np.cumsum(weights[order])])
    total = cumulated[-1]
    first = np.searchsorted(negatives[order], thresholds, side="left")
    fp = (total - cumulated[first]) / total
    return float(stepped_area(share_at_least(positives, thresholds), fp))


def min_max(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values scaled to 0..1 by the map's extremes; nan for a constant map."""
    if low == high:
        return np.full(np.shape(values), np.nan)
    return (values - low) / (high - low)


def fixation_threshold_area(positives: np.ndarray, negatives: np.ndarray) -> float:
    """Area with thresholds at the positives' values alone (pysaliency's imitation of Judd)."""
    thresholds = np.concatenate(
        [np.unique(positives)[::-1], [min(positives.min(), negatives.min())]]
    )
    up, down = np.sort(positives), np.sort(negatives)
    tp = (len(up) - np.searchsorted(up, thresholds, side="left")) / len(up)
    fp = (len(down) - np.searchsorted(down, thresholds, side="left")) / len(down)
    return float(stepped_area(tp, fp))
