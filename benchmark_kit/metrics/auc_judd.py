"""AUC-Judd: thresholds at the fixations' values (Judd, Ehinger, Durand and Torralba 2009)."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark_kit.metrics._facts import MetricFacts, Needs
from benchmark_kit.metrics._metric import metric
from benchmark_kit.metrics._steps import fixation_threshold_area, min_max, stepped_area
from benchmark_kit.prepared.forms import PreparedMap, PreparedTruth

FACTS = MetricFacts(
    name="auc_judd",
    label="AUC-Judd",
    better="higher",
    low=0.0,
    high=1.0,
    unit="",
    needs=Needs.POINTS,
    randomised=True,
    undefined="every pixel is fixated",
)
JITTER = 1e-7  # MATLAB code AUC_Judd.m: rand / 10000000


def compute(prepared: PreparedMap, truth: PreparedTruth, *, jitter: str, form: str) -> float:
    """AUC-Judd of a prepared map (numpy)."""
    if not len(truth.index):
        return float("nan")
    values = prepared.flat
    # added to the values as they are, which a prepared map may hold times a power of two
    width = float(np.ldexp(JITTER, -prepared.exponent))
    if jitter == "uniform":
        values = values + truth.rng("auc_judd").random(prepared.n) * width
    elif jitter == "normal":
        # pysaliency starts its legacy generator anew for every call
        values = values + np.random.RandomState(42).randn(prepared.n) * width
    if form == "fixation thresholds":
        unfixated = np.delete(values, truth.unique)
        return (
            fixation_threshold_area(values[truth.index], unfixated)
            if len(unfixated)
            else float("nan")
        )
    return matlab_area(values, truth.unique)


def matlab_area(values: np.ndarray, fixated: np.ndarray) -> float:
    """The area as the MATLAB code makes it: a zig-zag where fixated values tie."""
    n, total = len(fixated), len(values)
    low, high = values.min(), values.max()
    if low == high or n == total:
        return float("nan")
    scaled = min_max(values, low, high)
    thresholds = np.sort(scaled[fixated])[::-1]
    at_least = total - np.searchsorted(np.sort(scaled), thresholds, side="left")
    rank = np.arange(1, n + 1)
    return float(stepped_area(rank / n, (at_least - rank) / (total - n)))


@metric(FACTS, compute)
def auc_judd(
    saliency: Any, fixations: Any, *, jitter: str, form: str = "matlab", seed: int = 0
) -> float:
    """Area under the ROC curve with one threshold a fixation.

    Args:
        saliency: array (height, width), finite. The jitter is added to the values as they are: it
        is
            harmless on 0..255 and a disturbance on densities below 1e-4.
        fixations: `Fixations`, or an (n, 2) array of x, y in pixels.
        jitter: `"uniform"` in [0, 1e-7) (mit), `"normal"` of 1e-7 with pysaliency's fixed draw
            (tuebingen), or `"none"`.
        form: `"matlab"` (mit; repeats collapse) or `"fixation thresholds"` (tuebingen).
        seed: seed of the uniform jitter.

    Returns:
        float in 0..1; nan without fixations, for a constant map without jitter, where every pixel
        is fixated, and where the map holds NaN or Inf.

    Raises:
        TypeError: a density where points are due.
        ValueError: points outside the map.

    Example:
        >>> import numpy as np
        >>> auc_judd(np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[1, 1]]), jitter="none")
        1.0

    Reference: MIT code `AUC_Judd.m`; pysaliency `AUC_Judd`.
    """
    return auc_judd.score(saliency, fixations, jitter=jitter, form=form, seed=seed)
