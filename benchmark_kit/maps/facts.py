"""What the pixels of a map say of its quality, and the warnings that follow (docs/problems.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from statistics import median
from typing import Any

import numpy as np

from benchmark_kit.errors import Problem
from benchmark_kit.prepared.forms import LevelMap, PreparedMap

FEW_LEVELS = (
    32  # distinct values in the median 8-bit map: 16 levels cost 0.002 to 0.07 of exact AUC
)
MANY_ZEROS = 0.05  # share of all pixels of an 8-bit map: KL and IG suffer at fixations on zeros
LOG_SLACK = 0.05  # |logsumexp| at which a map is taken for a log density
NORMALISED = 1e-3  # |logsumexp| of a log density, as the MIT/Tuebingen board asks for


def examine(pixels: np.ndarray, prepared: PreparedMap) -> dict[str, Any]:
    """Facts of one map as plain data.

    Args:
        pixels: the array that is scored.
        prepared: the same map prepared; its histogram is used, not made anew.

    Returns:
        `digest` (SHA-256 of type, shape and pixels), `constant`, and where they apply `levels`,
        `zeros` (share), `top` (largest 8-bit value), `negative`, `log_density`.
    """
    head = f"{pixels.dtype.name}{pixels.shape}".encode()
    facts: dict[str, Any] = {
        "digest": hashlib.sha256(head + np.ascontiguousarray(pixels).data).hexdigest(),
        "constant": bool(prepared.low[0] == prepared.high[0]),
    }
    if isinstance(prepared, LevelMap):
        present = np.flatnonzero(prepared.counts)
        facts["levels"] = len(present)
        facts["zeros"] = round(float(prepared.counts[0]) / prepared.n, 6)
        facts["top"] = int(present[-1])
        return facts
    if prepared.low[0] < 0:
        facts["negative"] = True
        if (
            prepared.high[0] <= 0
            and not facts["constant"]
            and any(abs(log_sum(prepared.flat, base)) < LOG_SLACK for base in (np.e, 2.0, 10.0))
        ):
            facts["log_density"] = True
    return facts


def unusable(
    pixels: np.ndarray, prepared: PreparedMap, log_density: bool
) -> tuple[str, str, str] | None:
    """Code, finding and fix of a map whose values cannot be scored, or None.

    Args:
        pixels: the array that is to be scored.
        prepared: the same map prepared.
        log_density: it is meant as a natural-log density.
    """
    # integers are always finite; asking for their extremes would count the pixels too early.
    # NaN and Inf both show in the extremes
    if not isinstance(prepared, LevelMap) and not np.isfinite([prepared.low, prepared.high]).all():
        return "E304", "values that are NaN or Inf", "mask before saving"
    if not log_density or abs(total := log_sum(pixels, np.e)) < NORMALISED:
        return None
    found = f"a log density whose logsumexp is {total:.4g}, not within {NORMALISED:g} of 0"
    fix = "subtract the logsumexp (in float64)"
    for base in (2.0, 10.0):
        if abs(log_sum(pixels, base)) < LOG_SLACK:
            fix = f"these are logarithms to base {base:g}: multiply by ln {base:g}"
    if pixels.min() >= 0:
        fix = "leave --log-density out: values >= 0 are plain maps, or take their logarithm"
    return "E403", found, fix


def log_sum(values: np.ndarray, base: float) -> float:
    """Natural logarithm of the sum of base ** values."""
    nats = values.astype(np.float64) * np.log(base)
    top = nats.max()
    return float(top + np.log(np.sum(np.exp(nats - top))))


def warnings_from(
    facts: Mapping[str, Mapping[str, Any]], log_density: bool = False
) -> list[Problem]:
    """Warnings about a set of maps.

    Args:
        facts: image name -> what `examine` said.
        log_density: the maps are meant as log densities.
    """
    known = {name: fact for name, fact in facts.items() if fact}
    found = []
    if same := _identical(known):
        text = "maps are identical to another image's map"
        found.append(Problem("W201", tuple(same), text, fix="check the loop that wrote them"))
    if constant := [name for name, fact in known.items() if fact["constant"]]:
        text = "maps are constant; how they are scored follows the dialect"
        found.append(Problem("W202", tuple(constant), text, fix="check the model's output"))
    eight_bit = [fact for fact in known.values() if "levels" in fact]
    if eight_bit:
        levels = median(fact["levels"] for fact in eight_bit)
        if levels < FEW_LEVELS:
            text = f"few gray levels: {levels:g} in the median map; ties lower AUCs and ruin KL"
            found.append(Problem("W301", (), text, fix="store maps with more bits"))
        zeros = sum(fact["zeros"] for fact in eight_bit) / len(eight_bit)
        if zeros > MANY_ZEROS:
            text = f"{100 * zeros:.0f} % of all pixels are exactly 0, which KL and IG punish"
            found.append(Problem("W302", (), text, fix="store the ceiling instead of the floor"))
        dark = [name for name, fact in known.items() if fact.get("top", 255) < 128]
        if dark:
            text = "8-bit maps use less than half of the range"
            found.append(Problem("W303", tuple(dark), text, fix="min-max scale before storing"))
    negative = [name for name, fact in known.items() if fact.get("negative")]
    logs = [name for name, fact in known.items() if fact.get("log_density")]
    if logs and not log_density:
        text = "maps look like log densities (all negative, exp sums to one)"
        found.append(
            Problem("W313", tuple(logs), text, fix="--log-density, if that is what they are")
        )
    elif negative and not log_density:
        text = "maps have negative values; SIM, KL and IG subtract the minimum or refuse"
        found.append(Problem("W309", tuple(negative), text, fix="shift the maps"))
    return found


def _identical(known: Mapping[str, Mapping[str, Any]]) -> list[str]:
    by_digest: dict[str, list[str]] = {}
    for name, fact in known.items():
        by_digest.setdefault(fact["digest"], []).append(name)
    return [name for names in by_digest.values() if len(names) > 1 for name in names]
