"""Facts of a metric as data, and the decorator that binds them to its function."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class MetricFacts:
    """What a table, a plot or a training loop must know of a metric.

    Args:
        name: key in code, JSON and CSV.
        label: what people read; never plain "AUC".
        better: `"higher"` or `"lower"`.
        low: smallest possible value, or None where there is none.
        high: largest possible value, or None where there is none.
        unit: unit of the value, empty for a share.
        needs: what the map is compared with: `"points"`, `"density"`, `"points, other images"`
            or `"points, baseline"`.
        differentiable: whether its formula may serve as a loss.
        randomised: whether some dialect's form draws random numbers.
    """

    name: str
    label: str
    better: str
    low: float | None
    high: float | None
    unit: str
    needs: str
    differentiable: bool = False
    randomised: bool = False


def metric(
    facts: MetricFacts, compute: Callable[..., Any], score: Callable[..., Any]
) -> Callable[[Callable], Any]:
    """Attach `facts`, the engine's entry `compute`, and `in_dialect` to a public metric function.

    Args:
        facts: the metric's facts.
        compute: `compute(prepared, truth, **constants)` on prepared arrays: what engines call.
        score: `score(saliency, truth, *, unit, binary, **constants)` on plain arrays; it prepares
            them and calls `compute`, as the public function does, so that none can differ.
    """

    def bind(function: Any) -> Any:
        required = [
            name
            for name, parameter in inspect.signature(function).parameters.items()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY
            and parameter.default is inspect.Parameter.empty
        ]

        @functools.wraps(function)
        def stated(*arguments: Any, **constants: Any) -> Any:
            if missing := [name for name in required if name not in constants]:
                raise TypeError(
                    f"{facts.name}() lacks {', '.join(missing)}, in which the benchmarks differ. "
                    f"Fix: {facts.name}.in_dialect(NAME)(...) with one of "
                    f"{', '.join(_dialects_of(facts.name))}"
                )
            return function(*arguments, **constants)

        def in_dialect(dialect: str) -> Callable[..., float]:
            """The metric with a dialect's constants: `kl.in_dialect("mit")(map, density)`."""
            from benchmark_kit.dialects import choose_variants

            (variant,) = choose_variants([dialect], [facts.name])

            def form(saliency: Any, *truth: Any, **options: Any) -> Any:
                record = variant.dialect
                constants = {**variant.constants, **options}
                return score(saliency, *truth, unit=record.unit, binary=record.binary, **constants)

            form.__name__ = f"{facts.name}_{dialect}"
            return form

        public: Any = stated if required else function
        public.facts = facts
        public.compute = compute
        public.in_dialect = in_dialect
        return public

    return bind


def _dialects_of(name: str) -> list[str]:
    from benchmark_kit.dialects import DIALECTS

    return [dialect.name for dialect in DIALECTS.values() if name in dialect.constants]
