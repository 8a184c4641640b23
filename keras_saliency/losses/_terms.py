"""The terms that losses are made of: the kit's metrics on batches, kept finite for training.

Where a metric has no value (a constant map, a constant density, no fixation) an original program
gives nan or infinity; a term here is 0 there, our choice, with a finite gradient.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from benchmark_kit.metrics import METRICS
from benchmark_kit.prepared.forms import PreparedTruth
from keras_saliency.ops.batch_maps import BatchMap, flatten

LEAST_MAXIMUM = 1e-7


def over_max(maps: Any) -> Any:
    """Each map divided by its maximum, by 1e-7 at least."""
    return maps / ops.maximum(ops.max(maps, axis=(1, 2), keepdims=True), LEAST_MAXIMUM)


def weighted_square(saliency: Any, density: Any, alpha: float, power: int) -> Any:
    """Mean over pixels of (p/max p - y)^2 / (alpha - y)^power, (batch,)."""
    error = over_max(saliency) - density
    return ops.mean(ops.square(error) / (alpha - density) ** power, axis=(1, 2))


def kl(saliency: Any, density: Any, eps: float) -> Any:
    """The kit's KL, maps divided by their sums; an all-zero map or density stays zero, (batch,)."""
    truth = PreparedTruth(density=BatchMap(density))
    return METRICS["kl"].compute(BatchMap(saliency), truth, eps=eps, rule="sum")


def cc(saliency: BatchMap, density: BatchMap) -> Any:
    """The kit's CC; 0 for a constant map, nan for a constant density, (batch,)."""
    return METRICS["cc"].compute(saliency, PreparedTruth(density=density), constant=0.0)


def nss(saliency: BatchMap, fixations: Any, ddof: int) -> Any:
    """The kit's NSS at a map of counts (batch, rows, columns); 0 for a constant map, (batch,)."""
    counts = flatten(fixations)
    some = ops.sum(counts, axis=-1, keepdims=True) > 0
    # all pixels instead of none, so that nothing is divided by zero
    mask = ops.where(some, counts, ops.ones_like(counts))
    score = METRICS["nss"].compute(saliency, PreparedTruth(), ddof=ddof, constant=0.0, mask=mask)
    return zero_where(~some[..., 0], score)


def zero_where(undefined: Any, term: Any) -> Any:
    """The term, 0 where a boolean says that it has no value."""
    return ops.where(undefined, ops.zeros_like(term), term)
