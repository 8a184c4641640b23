"""The density that a map is measured against, made only as far as a metric asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmark_kit.prepared.forms import PreparedMap


@dataclass(frozen=True, eq=False)
class Baseline:
    """One image's baseline.

    Args:
        n: number of the image's pixels.
        whole: makes it as a prepared map of any scale; None: it is uniform.
        at: its density (which sums to one over the image) at row-major pixel numbers, where this
            costs less than the whole; None: only the whole is known.
    """

    n: Any
    whole: Callable[[], PreparedMap] | None = None
    at: Callable[[Any], Any] | None = None
