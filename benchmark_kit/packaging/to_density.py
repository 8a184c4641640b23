"""Map -> natural-log density that a board takes: float32, sum one, no pixel without mass.

    softmax   the map is a network's log density up to a constant: log p = m - logsumexp(m)
    sum       the map is a density up to a factor: p = (m - min(m, 0)) / sum
    fitted    a monotone transform times a centre bias (`packaging.fitted_density`)

A board tests the sum in the stored type: the density is normalised in float64, rounded to float32
and normalised again. It is first mixed with a share of the uniform density, so that no fixation can
cost an infinite score.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, KitError
from benchmark_kit.packaging.fitted_density import FittedDensity

METHODS = ("softmax", "sum")
FLOOR = 1e-4  # share of the uniform density
OURS = 1e-5  # largest |logsumexp| that we send; boards refuse from 1e-3


class NotNormalised(KitError):
    """A density whose stored values do not sum to one.

    Args:
        found: what is wrong, in words.
        fix: what mends it.
    """

    def __init__(self, found: str, fix: str):
        self.found, self.fix = found, fix
        super().__init__(f"{found}. Fix: {fix}")


def log_density(
    values: np.ndarray, method: str | FittedDensity, *, floor: float = FLOOR
) -> np.ndarray:
    """Turn a map into a log density.

    Args:
        values: finite array (height, width).
        method: `"softmax"`, `"sum"`, or fitted parameters.
        floor: share of the uniform density, 0 <= floor < 1.

    Returns:
        float64 (height, width), natural log, logsumexp 0.

    Raises:
        ConfigError: an unknown method, or a share out of range.
    """
    values = np.asarray(values, dtype=np.float64)
    if isinstance(method, FittedDensity):
        logs = method.unnormalised(values)
    elif method == "softmax":
        logs = values
    elif method == "sum":
        with np.errstate(divide="ignore"):
            logs = np.log(values - min(values.min(), 0.0))
        if np.isneginf(logs).all():
            logs = np.zeros_like(logs)  # an empty map prefers no place
    else:
        raise ConfigError(
            f"unknown method {method!r}. Fix: {', '.join(METHODS)}, or a file of fitted parameters"
        )
    return floored(normalised(logs), floor)


def normalised(logs: np.ndarray) -> np.ndarray:
    """Log values minus their logsumexp, float64."""
    logs = np.asarray(logs, dtype=np.float64)
    return logs - log_sum(logs)


def floored(logs: np.ndarray, share: float) -> np.ndarray:
    """Mix a log density with a share of the uniform one.

    Args:
        logs: log density (height, width), logsumexp 0; may hold -inf.
        share: 0 <= share < 1.

    Raises:
        ConfigError: a share out of range.
    """
    if not 0 <= share < 1:
        raise ConfigError(f"--floor must be at least 0 and below 1, got {share}")
    if share == 0:
        return logs
    return np.logaddexp(np.log1p(-share) + logs, np.log(share / logs.size))


def stored_density(logs: np.ndarray, *, grid: float | None = None) -> np.ndarray:
    """A log density as it is sent.

    Args:
        logs: log density (height, width), logsumexp about 0.
        grid: round to multiples of this power of two: files shrink to a third.

    Returns:
        float32 (height, width); |logsumexp| < 1e-5 in float32 and in float64.

    Raises:
        NotNormalised: the rounded values do not sum to one closely enough.
    """
    stored = normalised(logs).astype(np.float32)
    stored = (stored - log_sum(stored)).astype(np.float32)
    if grid is not None:
        stored = (np.round(stored.astype(np.float64) / grid) * grid).astype(np.float32)
    total = farthest_sum(stored)
    if not abs(total) < OURS:
        fix = "a finer --grid" if grid is not None else "look for -inf, or give --floor"
        found = f"logsumexp is {total:.2g} after rounding, we send less than {OURS:g}"
        raise NotNormalised(found, fix)
    return stored


def farthest_sum(stored: np.ndarray) -> float:
    """The logsumexp farther from 0 of those in the stored type and in float64."""
    return max((log_sum(stored), log_sum(stored, stored.dtype)), key=abs)


def log_sum(logs: np.ndarray, dtype: Any = np.float64) -> float:
    """logsumexp, with every sum in `dtype`; -inf where there is no mass."""
    from scipy.special import logsumexp

    return float(logsumexp(np.asarray(logs, dtype=dtype)))


def parse_grid(text: str) -> float:
    """A power of two such as `2^-10` or `0.0009765625`.

    Raises:
        ConfigError: not a power of two between 2^-20 and 1.
    """
    base, _, power = text.strip().partition("^")
    try:
        value = float(base) ** int(power) if power else float(base)
    except (ValueError, OverflowError):
        value = 0.0
    if not 2.0**-20 <= value <= 1 or np.frexp(value)[0] != 0.5:
        raise ConfigError(f"a grid is a power of two such as 2^-10, at most 1, got {text!r}")
    return value
