"""From a map to a distribution: the ways in which SIM, KL and IG make the pixels sum to one."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from benchmark_kit.prepared.forms import NUMPY, PreparedMap

RULES = ("sum", "shifted sum", "min-max sum")


class Share:
    """A map's value -> its share of the map's mass: an affine function, or a constant.

    Args:
        prepared: prepared map.
        rule: `"sum"` divides by the sum, an all-zero map stays zero (mit, KL);
            `"shifted sum"` subtracts the minimum if it is negative, then divides by the sum, and a
            constant map becomes uniform (tuebingen);
            `"min-max sum"` subtracts the minimum, then divides by the sum; a constant map has no
            share unless it is all zero, which stays zero (mit, SIM and IG).
        added: constant added to every value after the shift (pysaliency's `minimum_value`).
    """

    def __init__(self, prepared: PreparedMap, rule: str, added: float = 0.0):
        if rule not in RULES:
            raise ValueError(f"unknown rule {rule!r}; one of {', '.join(RULES)}")
        xp, n = prepared.xp, prepared.n
        zero, one = 0 * prepared.total, 0 * prepared.total + 1
        flat = prepared.low == prepared.high
        if added and prepared.exponent:
            added = added * 2.0**-prepared.exponent
        self.xp, self.added = xp, added
        if rule == "sum":
            self.shift = zero
        elif rule == "shifted sum":
            self.shift = xp.where(prepared.low < 0, prepared.low, zero)
        else:
            self.shift = prepared.low
        # shift first, then add: the constant is far below the rounding of the values
        mass = prepared.total - n * self.shift + n * added
        # of a constant map exactly, whatever the rounding of its sum
        self.empty = mass == 0 if rule == "sum" else flat
        self.instead = one / n if rule == "shifted sum" else zero
        self.mass = xp.where(self.empty, one, mass)
        self.defined = ~flat | (prepared.high == 0) | (rule != "min-max sum")

    def __call__(self, value: Any) -> Any:
        """Shares of values."""
        if self.xp is not NUMPY:
            share = (value - self.shift + self.added) / self.mass
            return self.xp.where(self.empty, self.instead, share)
        # one map: the conditions are single numbers, so no pass over the pixels is wasted on them
        if self.empty[0]:
            return value * 0.0 + self.instead
        if self.shift[0] != 0.0 or self.added:
            value = value - self.shift + self.added if self.added else value - self.shift
        return value * self._factor

    @cached_property
    def _factor(self) -> Any:
        # a product is several times faster than a quotient, and differs by one unit in the last
        # place
        return 1.0 / self.mass

    @property
    def slope(self) -> Any:
        """Change of the share with the value."""
        return self.xp.where(self.empty, 0 * self.mass, 1 / self.mass)

    @property
    def offset(self) -> Any:
        """Share of the value 0."""
        return self.xp.where(self.empty, self.instead, (self.added - self.shift) / self.mass)
