"""Why an image has no value in a column: kept as a flag of its row, counted in the results.

What is undefined has no value and is told: 0/0, a ratio of empty sets, a scale of a constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchmark_kit.metrics import Needs
from benchmark_kit.scoring.plan import ScoringPlan
from benchmark_kit.scoring.points import dialect_index
from benchmark_kit.scoring.variants import Variant
from benchmark_kit.types import GroundTruth, Row

CONSTANT = "constant map"


def reason(plan: ScoringPlan, variant: Variant, truth: GroundTruth) -> str:
    """Why a map that is not constant has no value in a column, for an image with fixations."""
    assert truth.fixations is not None
    facts = variant.facts
    of_points = facts.needs is not Needs.DENSITY
    if of_points and not len(dialect_index(truth.fixations, variant.dialect)):
        return "no fixation is left by this dialect's filter"
    usual = "not finite" if of_points else "the density is constant"
    return plan.form(variant).undefined or facts.undefined or usual


def reason_flags(plan: ScoringPlan, truth: GroundTruth, missing: Sequence[str]) -> list[str]:
    """Flags that tell why columns have no value.

    Args:
        plan: what is scored.
        truth: an image with fixations.
        missing: keys of the columns without a value.
    """
    return [
        f"no {variant.key}: {reason(plan, variant, truth)}"
        for variant in plan.variants
        if variant.key in missing
    ]


def reasons_of(row: Row) -> Iterator[tuple[str, str]]:
    """(column key, reason) of every value that a scored image lacks."""
    told: Mapping[str, str] = dict(
        flag.removeprefix("no ").split(": ", 1)
        for flag in row.flags
        if flag.startswith("no ") and ": " in flag
    )
    for key, value in row.values.items():
        if value is None:
            yield key, told.get(key, CONSTANT if CONSTANT in row.flags else "not defined")
