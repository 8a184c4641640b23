"""Kullback-Leibler divergence of a map from a ground-truth density."""

from __future__ import annotations

from typing import Any

from benchmark_kit.metrics._arrays import prepared_densities
from benchmark_kit.metrics._distribution import normaliser
from benchmark_kit.metrics._facts import MetricFacts, metric
from benchmark_kit.metrics._pair import prepare_pair
from benchmark_kit.metrics._prepared import NUMPY, PreparedMap, PreparedTruth

FACTS = MetricFacts(
    name="kl",
    label="KL",
    better="lower",
    low=0.0,
    high=None,
    unit="nat",
    needs="density",
    differentiable=True,
)


def compute(
    prepared: PreparedMap, truth: PreparedTruth, *, eps: float, rule: str, added: float = 0.0
) -> Any:
    """KL of a prepared map from the prepared density."""
    xp = prepared.xp
    density = truth.density
    p, _ = normaliser(prepared, rule, added)
    q, _ = normaliser(density, rule, added)

    def q_log_q(value: Any) -> Any:
        share = q(value)
        return xp.where(share > 0, share * xp.log(xp.where(share > 0, share, 0 * share + 1)), 0 * share)

    # q ln(e + q/(p+e)) = q ln q - q ln(p+e) to within e (p+e), so one logarithm a gray level serves
    entropy = density.sum_of(q_log_q)
    pair = prepare_pair(prepared, density)

    def log_p(value: Any) -> Any:
        return xp.log(p(value) + eps)

    # the density enters `weighted` unscaled; q is affine in it, so its shift and scale come after
    shift = q(density.low * 0)
    slope = q(density.low * 0 + 1) - shift
    crossed = slope * pair.weighted(log_p) + shift * prepared.sum_of(log_p)
    return (entropy - crossed)[..., 0]


def _score(
    saliency: Any,
    density: Any,
    *,
    unit: bool = False,
    binary: bool = False,
    xp: Any = NUMPY,
    **constants: Any,
) -> Any:
    positive = constants["rule"] == "sum"
    prepared, truth = prepared_densities(saliency, density, unit=unit, xp=xp, positive=positive)
    return compute(prepared, truth, **constants)


@metric(FACTS, compute, _score)
def kl(
    saliency: Any, density: Any, *, eps: float, rule: str, added: float = 0.0, xp: Any = NUMPY
) -> Any:
    """Sum of q ln(eps + q / (p + eps)), q the density's shares and p the map's.

    Args:
        saliency: array (height, width), finite, >= 0 where `rule` is `"sum"`.
        density: `Density` or array (height, width) of the same size; negative values (ringing of a
            Fourier blur) count as 0 where `rule` is `"sum"`.
        eps: 2.2204e-16 (tuebingen, five digits) or 2**-52 (mit).
        rule: `"shifted sum"` (tuebingen) or `"sum"` (mit), see `metrics._distribution`.
        added: constant added to every pixel before dividing by the sum.
        xp: array namespace.

    Returns:
        float >= 0 in nats, at most ln(1/eps).

    Raises:
        TypeError: points where a density is due.
        ValueError: different sizes, or a negative map under rule `"sum"`.

    Example:
        >>> import numpy as np
        >>> p, q = np.array([[1.0, 1.0]]), np.array([[1.0, 0.0]])
        >>> float(kl(p, q, eps=2**-52, rule="sum").round(4))
        0.6931

    Reference: MIT code `KLdiv.m`; pysaliency `KLDiv`.
    """
    return _score(saliency, density, xp=xp, eps=eps, rule=rule, added=added)
