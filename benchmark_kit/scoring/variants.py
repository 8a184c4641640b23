"""Which columns a run scores: metrics in dialects, as they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from benchmark_kit.dialects import Dialect, get_dialect
from benchmark_kit.errors import ConfigError
from benchmark_kit.metrics import METRICS, MetricFacts


@dataclass(frozen=True)
class Variant:
    """One metric in one dialect, and the key of its column."""

    metric: str
    dialect: Dialect
    key: str

    @property
    def function(self) -> Any:
        """The metric's public function, which carries what it says of itself."""
        return METRICS[self.metric]

    @property
    def facts(self) -> MetricFacts:
        """What the metric says of itself."""
        return METRICS[self.metric].facts

    @property
    def constants(self) -> Mapping[str, Any]:
        """The metric's constants in this dialect; those with a default may be missing."""
        return self.dialect.constants.get(self.metric, {})

    def __str__(self) -> str:
        return f"{self.metric}@{self.dialect.name}"


def choose_variants(dialects: Sequence[str], metrics: Sequence[str] | None) -> tuple[Variant, ...]:
    """Which columns to score.

    Args:
        dialects: names of dialects; metrics of the first get plain keys, of the others `nss@mit`.
        metrics: names (`"nss"`, in every dialect given that has it) or variants (`"kl@mit"`); None
            takes each dialect's default metrics.

    Returns:
        variants with distinct keys, in the order asked for.

    Raises:
        ConfigError: unknown metric or dialect, or a metric that a dialect does not have.
    """
    records = [get_dialect(name) for name in dict.fromkeys(dialects)]
    if not records:
        raise ConfigError("no dialect given")
    wanted: list[tuple[str, Dialect]] = []
    if metrics is None:
        wanted = [(name, dialect) for dialect in records for name in dialect.default_metrics]
    else:
        for text in metrics:
            name, _, where = text.partition("@")
            if name not in METRICS:
                near = get_close_matches(name, sorted(METRICS), n=1)
                hint = f"did you mean {near[0]!r}? " if near else ""
                raise ConfigError(
                    f"unknown metric {name!r}: {hint}known are {', '.join(sorted(METRICS))}"
                )
            asked = [get_dialect(where)] if where else records
            # of several dialects those that have it; if none has it, the check below says so
            able = [dialect for dialect in asked if dialect.has(name, METRICS[name].required)]
            wanted += [(name, dialect) for dialect in able or asked]
    if not wanted:
        raise ConfigError(
            f"no metric given. Fix: --metrics with some of {', '.join(sorted(METRICS))}"
        )
    variants = {}
    for name, dialect in wanted:
        METRICS[name].constants_in(dialect.name)  # refuses what it lacks
        key = name if dialect is records[0] else f"{name}@{dialect.name}"
        variants[key] = Variant(name, dialect, key)
    return tuple(variants.values())
