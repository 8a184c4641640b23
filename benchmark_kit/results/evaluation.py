"""Rows of an evaluation -> its record: aggregates, yardsticks, warnings, provenance."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmark_kit.errors import Problem
from benchmark_kit.maps.check import CheckedMaps
from benchmark_kit.maps.facts import warnings_from
from benchmark_kit.metrics import Needs
from benchmark_kit.results.record import (
    NUMBERS_VERSION,
    SCHEMA,
    Results,
    group_means,
    means,
    plain_problem,
    summarise,
)
from benchmark_kit.scoring.missing import reasons_of
from benchmark_kit.scoring.plan import ScoringPlan
from benchmark_kit.scoring.yardsticks import KINDS, row_name
from benchmark_kit.types import Row, Truths, dropped_text


def make_results(
    plan: ScoringPlan,
    truths: Truths,
    checked: CheckedMaps,
    rows: Mapping[str, Row],
    *,
    resamples: int,
    level: float,
    yardsticks: bool,
    notes: Sequence[str] = (),
) -> Results:
    """The record of an evaluation, without the block `made`.

    Args:
        plan: what was scored.
        truths: the data set's ground truth.
        checked: the maps.
        rows: row name -> row. Images without one are left out: a worker of a cluster that is not
            the chief may know fewer.
        resamples: bootstrap resamples; 0: no intervals.
        level: share of the resampled means inside an interval.
        yardsticks: whether rows of yardsticks are among them.
        notes: sentences for the reader, after the data set's own.
    """
    ordered = [rows[name] for name in checked.names if name in rows]
    columns = {
        v.key: {
            "label": plan.label(v.key),
            "dialect": v.dialect.name,
            "better": v.facts.better,
            "unit": v.facts.unit,
        }
        for v in plan.variants
    }
    scored = [row for row in ordered if row.fixations]
    categories = {name: truths[name].category for name in checked.names}
    marks = {}
    if yardsticks:
        for kind in KINDS:
            made = [
                rows[row_name(kind, row.name)] for row in scored if row_name(kind, row.name) in rows
            ]
            if made:
                marks[kind] = means(made, plan.keys)
    problems = [
        *_dropped(truths),
        *checked.warnings,
        *warnings_from({row.name: row.facts for row in ordered}, plan.log_density),
        *_missing(scored),
    ]
    metrics = summarise(scored, columns, resamples=resamples, level=level, seed=plan.seed)
    for key, entry in metrics.items():
        reasons = (dict(reasons_of(row)).get(key) for row in scored)
        entry["missing"] = dict(Counter(filter(None, reasons)))
    return Results(
        {
            "schema": SCHEMA,
            "kind": "evaluation",
            "dataset": {
                **truths.describe(),
                "scored": len(scored),
                "without_fixations": [row.name for row in ordered if not row.fixations],
                "missing_maps": list(checked.missing),
                "density": {name: spec.describe() for name, spec in plan.densities.items()},
                "notes": [*truths.notes, *notes],
            },
            "fixations": {"kept": truths.points_kept, "dropped": dict(truths.dropped)},
            "maps": {
                "source": checked.source,
                "count": len(checked.names),
                "fingerprint": _pixels_fingerprint(ordered),
                "stored_as": checked.stored_as,
                "resized": checked.resized,
                "transposed": len(checked.transposed),
                "kind": "log densities" if plan.log_density else "maps",
            },
            "dialect": ",".join(dict.fromkeys(v.dialect.name for v in plan.variants)),
            "variants": {v.key: str(v) for v in plan.variants},
            "ig_baseline": plan.baseline,
            "seed": plan.seed,
            "bootstrap": {"n": resamples, "level": level},
            "metrics": metrics,
            "groups": {"category": group_means(scored, categories, plan.keys)},
            "yardsticks": marks,
            "negatives": {
                v.key: {
                    "images": plan.pools[v.dialect.name].suppliers,
                    "from": _suppliers(plan.pools[v.dialect.name].names, scored),
                }
                for v in plan.comparing_with(Needs.OTHERS)
            },
            "warnings": [plain_problem(problem) for problem in problems],
            "images": [
                {
                    "name": row.name,
                    "category": categories[row.name],
                    "fixations": row.fixations,
                    **row.values,
                    "flags": list(row.flags),
                }
                for row in ordered
            ],
        }
    )


def _dropped(truths: Truths) -> list[Problem]:
    """The warning of points that were left out though no rule of the data set says so."""
    if not any(truths.dropped.get(reason) for reason in ("negative", "outside", "not finite")):
        return []
    text = dropped_text(truths.dropped, truths.points_kept)
    fix = "docs/datasets.md tells how values become pixels"
    return [Problem("W701", (), f"fixations dropped: {text}", fix=fix)]


def _missing(scored: Sequence[Row]) -> list[Problem]:
    """Warnings of images that have no value in some columns, one a reason."""
    images: dict[str, dict[str, None]] = {}
    columns: dict[str, dict[str, None]] = {}
    for row in scored:
        for key, reason in reasons_of(row):
            images.setdefault(reason, {})[row.name] = None
            columns.setdefault(reason, {})[key] = None
    return [
        Problem("W702", tuple(names), f"no value for {', '.join(columns[reason])}: {reason}")
        for reason, names in images.items()
    ]


def _suppliers(names: list[str], scored: Sequence[Row]) -> str | list[str]:
    """Which images supply negatives: those that are scored, or their names."""
    return "the images that are scored" if set(names) == {row.name for row in scored} else names


def _pixels_fingerprint(rows: Sequence[Row]) -> str:
    digest = hashlib.sha256()
    for row in sorted(rows, key=lambda row: row.name):
        digest.update(
            f"{row.name}\0{row.facts.get('digest', '')}\0".encode("utf-8", "surrogateescape")
        )
    return f"sha256:{digest.hexdigest()}"


def provenance(
    engine: str, workers: int, seconds: float, notes: Sequence[str], reproducible: bool
) -> dict[str, Any]:
    """The block `made`: by what, when and how the results were made.

    Args:
        engine: `"pool"` or `"tf"`.
        workers: processes of the pool, or threads that decode.
        seconds: time the run took.
        notes: what the engine did otherwise than asked.
        reproducible: leave out what two runs do not share.
    """
    import numpy

    from benchmark_kit.imaging.images import decoder_name

    made: dict[str, Any] = {
        "software": {
            "keras-saliency": version("keras-saliency"),
            "numpy": numpy.__version__,
            "python": sys.version.split()[0],
            "decoder": decoder_name(),
        },
        "numbers_version": NUMBERS_VERSION,
        "engine": engine,
    }
    if notes:
        made["notes"] = list(notes)
    if not reproducible:
        if Path(sys.argv[0]).name == "salbench":
            made["command"] = ["salbench", *sys.argv[1:]]
        made["utc"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        made["seconds"] = round(seconds, 2)
        made["workers"] = workers
    return made
