"""The decorator that makes a metric of a formula: its facts, dialects, and plain arrays."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from benchmark_kit.metrics._facts import Form, MetricFacts
from benchmark_kit.metrics._plain_arrays import score


def metric(
    facts: MetricFacts,
    compute: Callable[..., Any],
    of_baseline: Callable[..., Any] | None = None,
) -> Callable[[Callable], Any]:
    """Attach to a public metric function what everybody else asks of it.

    The function gets `facts`; `compute`; `of_baseline`; `required` (constants without a default);
    `form(constants)`; `constants_in(dialect)`; `in_dialect(dialect)`; and
    `score(saliency, *truth, **constants)`, which prepares plain arrays as `facts` say and calls
    `compute`: its own body is a call of it.

    Args:
        facts: the metric's facts.
        compute: `compute(prepared, truth, **constants)` on prepared arrays: what engines call.
        of_baseline: `of_baseline(baseline, index, **constants)`: what `compute` finds as
            `truth.baseline`, for metrics that need one (`prepared.baseline`).
    """

    def bind(function: Any) -> Any:
        taken = inspect.signature(function).parameters.values()
        constants_taken = [p for p in taken if p.kind is inspect.Parameter.KEYWORD_ONLY]
        compared_with = [p.name for p in taken if p not in constants_taken][1:]
        required = tuple(p.name for p in constants_taken if p.default is inspect.Parameter.empty)
        defaults = {p.name: p.default for p in constants_taken if p.name not in required}

        @functools.wraps(function)
        def stated(*arguments: Any, **constants: Any) -> Any:
            if missing := [name for name in required if name not in constants]:
                raise TypeError(
                    f"{facts.name}() lacks {', '.join(missing)}, in which the benchmarks differ. "
                    f"Fix: {facts.name}.in_dialect(NAME)(...) with one of "
                    f"{', '.join(_dialects_of(facts.name))}"
                )
            return function(*arguments, **constants)

        def form(constants: Mapping[str, Any]) -> Form:
            """The kind of this metric that some constants make."""
            return facts.form({**defaults, **constants})

        def score_of(
            saliency: Any, *truth: Any, unit: bool = False, binary: bool = False, **constants: Any
        ) -> Any:
            """The metric of plain arrays, as a dialect sees them."""
            named = (name for name in compared_with[len(truth) :] if name in constants)
            truth = (*truth, *[constants.pop(name) for name in named])
            return score(public, saliency, truth, unit=unit, binary=binary, constants=constants)

        def constants_in(dialect: str) -> Mapping[str, Any]:
            """This metric's constants in a dialect; ConfigError where the dialect lacks it."""
            from benchmark_kit.dialects import get_dialect

            return get_dialect(dialect).constants_of(facts.name, required)

        def in_dialect(dialect: str) -> Callable[..., float]:
            """The metric with a dialect's constants: `kl.in_dialect("mit")(map, density)`."""
            from benchmark_kit.dialects import get_dialect

            record, fixed = get_dialect(dialect), constants_in(dialect)

            def in_this(saliency: Any, *truth: Any, **options: Any) -> Any:
                constants = {**fixed, **options}
                return score_of(
                    saliency, *truth, unit=record.unit, binary=record.binary, **constants
                )

            in_this.__name__ = f"{facts.name}_{dialect}"
            return in_this

        public: Any = stated if required else function
        public.facts = facts
        public.compute = compute
        public.of_baseline = of_baseline
        public.required = required
        public.form = form
        public.score = score_of
        public.constants_in = constants_in
        public.in_dialect = in_dialect
        return public

    return bind


def _dialects_of(name: str) -> list[str]:
    from benchmark_kit.dialects import DIALECTS

    return [dialect.name for dialect in DIALECTS.values() if name in dialect.constants]
