"""Whether maps are those that were scored: pictures of others beside the scores would mislead."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmark_kit.dialects import DIALECTS
from benchmark_kit.errors import ResultsError, name_some
from benchmark_kit.metrics import METRICS
from benchmark_kit.results.record import Results
from benchmark_kit.scoring.points import dialect_index
from benchmark_kit.types import Truths

# the metrics that tell maps apart cheaply
TELLING = [metric for metric in METRICS.values() if metric.facts.far is not None]


def refuse_other_maps(
    results: Results, label: str, maps: Mapping[str, np.ndarray], truths: Truths
) -> None:
    """Compare scores of some maps with those that the results hold, where they hold a metric
    that tells maps apart (`MetricFacts.far`).

    Args:
        results: of one model.
        label: its name.
        maps: some of its maps by image, as they are scored.
        truths: the data set.

    Raises:
        ResultsError: most of the maps have other scores.
    """
    metric = next((m for m in TELLING if m.facts.name in results.metrics), None)
    if metric is None:
        return
    column = metric.facts.name
    dialect = DIALECTS.get(results.metrics[column].get("dialect", ""))
    if dialect is None:
        return
    recorded = {row["name"]: row.get(column) for row in results.images}
    looked_at, other = 0, []
    for name, values in maps.items():
        fixations = truths[name].fixations
        if recorded.get(name) is None or fixations is None or not len(fixations):
            continue
        looked_at += 1
        index = dialect_index(fixations, dialect)
        points = np.column_stack([index % values.shape[1], index // values.shape[1]])
        score = metric(values, points, **metric.constants_in(dialect.name))
        if not abs(score - recorded[name]) <= metric.facts.far:
            other.append(f"{name} {score:.4f} instead of {recorded[name]:.4f}")
    if 2 * len(other) > looked_at:
        raise ResultsError(
            f"the maps given for pictures of {label} are not those that were scored: "
            f"{metric.facts.label} of {name_some(other)}. Fix: --maps DIR with those, or evaluate "
            "again"
        )
