"""Earth mover's distance between a map and a ground-truth density (Rubner et al. 2000)."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from benchmark_kit.metrics._facts import MetricFacts, Needs
from benchmark_kit.metrics._metric import metric
from benchmark_kit.prepared.forms import PreparedMap, PreparedTruth

FACTS = MetricFacts(
    name="emd",
    label="EMD",
    better="lower",
    low=0.0,
    high=None,
    unit="bin",
    needs=Needs.DENSITY,
    any_size=True,
    undefined="a density whose sum is zero",
    library=("ot", "emd"),
)


def compute(
    prepared: PreparedMap,
    truth: PreparedTruth,
    *,
    downsize: int,
    kernel: str = "matlab-bicubic-symmetric",
) -> float:
    """EMD of a prepared map and the prepared density (numpy and POT)."""
    from benchmark_kit.imaging.resize import resize, resize_by_factor

    first = truth.density.flat.reshape(truth.density.shape)
    second = prepared.flat.reshape(prepared.shape)
    if downsize > 1:
        first = resize_by_factor(first, 1.0 / downsize, kernel)
        second = resize(second, first.shape, kernel)
    with np.errstate(invalid="ignore", divide="ignore"):
        return transport(first / first.sum(), second / second.sum())


def transport(first: np.ndarray, second: np.ndarray) -> float:
    """Exact transport between two signed maps of equal sum, Euclidean distance in bins.

    Mass that both hold in one bin stays there, as in FastEMD, so bins that bicubic overshoot left
    negative are mass of the other map. The rest is solved exactly.
    """
    difference = first - second
    if not np.isfinite(difference).all():
        return float("nan")
    rows, columns = np.indices(difference.shape)
    places = np.stack([rows.ravel(), columns.ravel()], axis=1).astype(np.float64)
    surplus = difference.ravel()
    here, there = surplus > 0, surplus < 0
    mass = surplus[here].sum()
    if mass == 0:
        return 0.0
    cost = np.sqrt(((places[here][:, None, :] - places[there][None, :, :]) ** 2).sum(axis=-1))
    goods, wants = surplus[here] / mass, -surplus[there]
    return float(mass * _solver().emd2(goods, wants / wants.sum(), cost, numItermax=2_000_000))


def _solver() -> Any:
    for backend in ("TENSORFLOW", "JAX", "PYTORCH", "CUPY"):
        # POT imports every framework that is installed unless told not to
        os.environ.setdefault(f"POT_BACKEND_DISABLE_{backend}", "1")
    FACTS.check_library()
    import ot

    return ot


@metric(FACTS, compute)
def emd(
    saliency: Any, density: Any, *, downsize: int, kernel: str = "matlab-bicubic-symmetric"
) -> float:
    """Least work that turns one map into the other.

    Args:
        saliency: array (height, width), finite, any positive scale.
        density: `Density` or array (height, width); the map may have another size, as both are
            resized.
        downsize: both maps are first shrunk by this factor (mit: 32); 1 leaves them.
        kernel: resize kernel, MATLAB's bicubic with `symmetric` or `replicate` border.

    Returns:
        float >= 0 in bins; nan where a map sums to zero, or holds NaN or Inf.

    Raises:
        MissingExtra: POT is not installed.
        TypeError: points where a density is due.

    Reference: Rubner et al. 2000; MIT code `EMD.m` (FastEMD, which rounds masses to 1e-6).
    """
    return emd.score(saliency, density, downsize=downsize, kernel=kernel)
