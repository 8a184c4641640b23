"""From a map to a distribution: the ways in which SIM, KL and IG make the pixels sum to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmark_kit.metrics._prepared import PreparedMap

RULES = ("sum", "shifted sum", "min-max sum")


def normaliser(
    prepared: PreparedMap, rule: str, added: float = 0.0
) -> tuple[Callable[[Any], Any], Any]:
    """The function from a map's value to its share.

    Args:
        prepared: prepared map.
        rule: `"sum"` divides by the sum, an all-zero map stays zero (mit, KL);
            `"shifted sum"` subtracts the minimum if it is negative, then divides by the sum, and an
            all-zero map becomes uniform (tuebingen);
            `"min-max sum"` subtracts the minimum, then divides by the sum; a constant map has no
            share (nan) unless it is all zero, which stays zero (mit, SIM and IG).
        added: constant added to every value after the shift (pysaliency's `minimum_value`).

    Returns:
        (share, defined): `share(value)` on arrays, and whether the shares are numbers, shape
        (…, 1).
    """
    xp, n = prepared.xp, prepared.n
    low, high, total = prepared.low, prepared.high, prepared.total
    zero = 0 * total
    if rule == "sum":
        safe = xp.where(total == 0, zero + 1, total)
        return (lambda value: value / safe), low == low
    if rule == "shifted sum":
        shift = xp.where(low < 0, low, zero)
        # shift first, then add: the constant is far below the rounding of the values
        mass = total - n * shift + n * added
        empty = (mass == 0) | ((low == high) & (added == 0))
        # an all-zero or constant map is uniform; exactly so, whatever the rounding of its sum
        safe = xp.where(empty, zero + 1, mass)
        return (lambda value: xp.where(empty, zero + 1 / n, (value - shift + added) / safe)), low == low
    if rule == "min-max sum":
        mass = total - n * low
        constant = low == high
        safe = xp.where(constant, zero + 1, mass)
        defined = ~constant | (high == 0)
        return (lambda value: xp.where(constant, zero, (value - low) / safe)), defined
    raise ValueError(f"unknown rule {rule!r}; one of {', '.join(RULES)}")
