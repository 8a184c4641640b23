"""Why an image has no value in a column: kept as a flag of its row, counted in the results.

What is undefined has no value and is told: 0/0, a ratio of empty sets, a scale of a constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchmark_kit.dialects import Variant
from benchmark_kit.metrics import METRICS
from benchmark_kit.scoring.plan import ScoringPlan
from benchmark_kit.scoring.points import dialect_index
from benchmark_kit.types import GroundTruth, Row

CONSTANT = "constant map"
BY_METRIC = {
    "sauc": "no negatives: no other image was looked at there",
    "auc_borji": "fewer than two fixated pixels",
    "auc_judd": "every pixel is fixated",
    "emd": "a density whose sum is zero",
}


def reason(plan: ScoringPlan, variant: Variant, truth: GroundTruth) -> str:
    """Why a map that is not constant has no value in a column, for an image with fixations."""
    assert truth.fixations is not None
    needs = METRICS[variant.metric].facts.needs
    if needs != "density" and not len(dialect_index(truth.fixations, variant.dialect)):
        return "no fixation is left by this dialect's filter"
    if variant.metric in BY_METRIC:
        return BY_METRIC[variant.metric]
    if needs == "density":
        return "the density is constant"
    if variant.metric == "ig" and plan.constants[variant.key]["form"] == "min-max":
        return "the baseline is constant"
    return "not finite"


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
