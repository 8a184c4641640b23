"""Kullback-Leibler divergence of a map from a ground-truth density."""

from __future__ import annotations

from typing import Any

from benchmark_kit.metrics._facts import Form, Graph, MetricFacts, Needs
from benchmark_kit.metrics._metric import metric
from benchmark_kit.prepared.distribution import Share
from benchmark_kit.prepared.forms import NUMPY, PreparedMap, PreparedTruth
from benchmark_kit.prepared.pair import prepare_pair

FACTS = MetricFacts(
    name="kl",
    label="KL",
    better="lower",
    low=0.0,
    high=None,
    unit="nat",
    needs=Needs.DENSITY,
    graph=Graph.FORMULA,
    chooses=3,
    forms=(Form({"rule": "sum"}, logarithm=True),),
)


def compute(
    prepared: PreparedMap, truth: PreparedTruth, *, eps: float, rule: str, added: float = 0.0
) -> Any:
    """KL of a prepared map from the prepared density."""
    xp = prepared.xp
    density = truth.density
    p, q = Share(prepared, rule, added), Share(density, rule, added)
    pair = prepare_pair(prepared, density)
    # only these leave room for a share plus eps that is not positive
    guarded = rule == "sum" or eps == 0
    one = 0 * p.mass + 1

    def log_p(value: Any) -> Any:
        share = p(value) + eps
        return xp.log(xp.where(share > 0, share, one) if guarded else share)

    # q ln(e + q/(p+e)) = q ln q - q ln(p+e) to within e (p+e), so one logarithm a gray level serves
    score = _negative_entropy(density, q, rule, added) - pair.weighted(q, log_p)
    if rule == "sum":
        # a negative map has no logarithm where the density has mass (bicubic overshoot elsewhere is
        # harmless)
        lost = pair.weighted(
            q, lambda value: xp.where(p(value) + eps > 0, 0 * value, 0 * value + 1)
        )
        score = xp.where(lost > 0, 0 * score + float("nan"), score)
    return score[..., 0]


def _negative_entropy(density: PreparedMap, q: Share, rule: str, added: float) -> Any:
    """Sum of q ln q, which a density keeps for the next map."""
    if density.sums is not None and density.sums[0] == (rule, added):
        return density.sums[1]
    xp, one = density.xp, 0 * q.mass + 1

    def q_log_q(value: Any) -> Any:
        share = q(value)
        return share * xp.log(xp.where(share > 0, share, one))

    found = density.sum_of(q_log_q)
    if xp is NUMPY:  # a graph's numbers belong to one run of it
        density.sums = ((rule, added), found)
    return found


@metric(FACTS, compute)
def kl(
    saliency: Any, density: Any, *, eps: float, rule: str, added: float = 0.0, xp: Any = NUMPY
) -> Any:
    """Sum of q ln(eps + q / (p + eps)), q the density's shares and p the map's.

    Args:
        saliency: array (height, width), finite; where `rule` is `"sum"`, not negative under the
            density's mass.
        density: `Density` or array (height, width) of the same size; negative values (ringing of a
            Fourier blur) count as 0 where `rule` is `"sum"`.
        eps: 2.2204e-16 (tuebingen, five digits) or 2**-52 (mit).
        rule: `"shifted sum"` (tuebingen) or `"sum"` (mit), see `prepared.distribution`.
        added: constant added to every pixel before dividing by the sum.
        xp: array namespace.

    Returns:
        float >= 0 in nats, at most ln(1/eps); nan where map or density hold NaN or Inf.

    Raises:
        TypeError: points where a density is due.
        ValueError: different sizes, or a negative map where `rule` is `"sum"`.

    Example:
        >>> import numpy as np
        >>> p, q = np.array([[1.0, 1.0]]), np.array([[1.0, 0.0]])
        >>> float(kl(p, q, eps=2**-52, rule="sum").round(4))
        0.6931

    Reference: MIT code `KLdiv.m`; pysaliency `KLDiv`.
    """
    return kl.score(saliency, density, xp=xp, eps=eps, rule=rule, added=added)
