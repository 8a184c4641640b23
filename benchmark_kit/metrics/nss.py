"""Normalised scanpath saliency (Peters, Iyer, Itti and Koch, Vision Research 2005)."""

from __future__ import annotations

from typing import Any

from benchmark_kit.metrics._facts import Graph, MetricFacts, Needs
from benchmark_kit.metrics._metric import metric
from benchmark_kit.prepared.forms import NUMPY, PreparedMap, PreparedTruth

FACTS = MetricFacts(
    name="nss",
    label="NSS",
    better="higher",
    low=None,
    high=None,
    unit="sd",
    needs=Needs.POINTS,
    graph=Graph.FORMULA,
    far=0.01,
    chooses=1,
)


def compute(
    prepared: PreparedMap, truth: PreparedTruth, *, ddof: int, constant: float, mask: Any = None
) -> Any:
    """NSS of a prepared map; with `mask` (0/1, shape of the index) padded points do not count."""
    xp = prepared.xp
    at = prepared.at(truth.index)
    if mask is None:
        mask, count = 1.0, truth.index.shape[-1]
    else:
        count = xp.sum(mask, axis=-1, keepdims=True)
    flat_map = prepared.low == prepared.high
    variance = prepared.squares / (prepared.n - ddof)
    # the root of zero has no gradient
    spread = xp.sqrt(xp.where(flat_map, 0 * variance + 1, variance))
    score = xp.sum(prepared.centred(at) * mask, axis=-1, keepdims=True) / (count * spread)
    return xp.where(flat_map, 0 * score + constant, score)[..., 0]


@metric(FACTS, compute)
def nss(
    saliency: Any, fixations: Any, *, ddof: int = 0, constant: float = 0.0, xp: Any = NUMPY
) -> Any:
    """Mean of the standardised map at the fixated pixels.

    Args:
        saliency: array (height, width), finite, any affine scale.
        fixations: `Fixations` of the same image, or an (n, 2) array of x, y in pixels; repeated
            pixels count as often as they occur.
        ddof: 0 divides the variance by n (tuebingen), 1 by n - 1 (mit).
        constant: value of a constant map: 0 (tuebingen), nan (mit).
        xp: array namespace.

    Returns:
        float in standard deviations; nan without fixations, or where the map holds NaN or Inf.

    Raises:
        TypeError: a density where points are due.
        ValueError: points outside the map.

    Example:
        >>> import numpy as np
        >>> float(nss(np.array([[0.0, 0.0], [0.0, 1.0]]), np.array([[1, 1]])).round(4))
        1.7321

    Reference: Peters et al. 2005; MIT code `NSS.m`; pysaliency `NSS`.
    """
    return nss.score(saliency, fixations, xp=xp, ddof=ddof, constant=constant)
