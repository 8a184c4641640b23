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


def frame_of(
    plan: ScoringPlan,
    truths: Truths,
    checked: CheckedMaps,
    *,
    resamples: int,
    level: float,
    yardsticks: bool,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Everything of a record that is known before a map is scored, as plain data.

    Args:
        plan: what is scored.
        truths: the data set's ground truth.
        checked: the maps.
        resamples: bootstrap resamples; 0: no intervals.
        level: share of the resampled means inside an interval.
        yardsticks: whether rows of yardsticks are among them.
        notes: sentences for the reader, after the data set's own.
    """
    warnings = [*_dropped(truths), *checked.warnings]
    return {
        "categories": {name: truths[name].category for name in checked.names},
        "columns": {
            v.key: {
                "label": plan.label(v.key),
                "dialect": v.dialect.name,
                "better": v.facts.better,
                "unit": v.facts.unit,
            }
            for v in plan.variants
        },
        "yardsticks": yardsticks,
        "negatives": {
            v.key: {
                "images": plan.pools[v.dialect.name].suppliers,
                "from": list(plan.pools[v.dialect.name].names),
            }
            for v in plan.comparing_with(Needs.OTHERS)
        },
        "warnings": [plain_problem(problem) for problem in warnings],
        "dataset": {
            **truths.describe(),
            "missing_maps": list(checked.missing),
            "density": {name: spec.describe() for name, spec in plan.densities.items()},
            "notes": [*truths.notes, *notes],
        },
        "fixations": {"kept": truths.points_kept, "dropped": dict(truths.dropped)},
        "maps": {
            "source": checked.source,
            "count": len(checked.names),
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
    }


def make_results(frame: Mapping[str, Any], rows: Mapping[str, Row]) -> Results:
    """The record of an evaluation, without the block `made`.

    Args:
        frame: as `frame_of` gives it.
        rows: row name -> row. Images without one are left out: a worker of a cluster that is not
            the chief may know fewer.
    """
    categories, columns = frame["categories"], frame["columns"]
    ordered = [rows[name] for name in categories if name in rows]
    scored = [row for row in ordered if row.fixations]
    marks = {}
    for kind in KINDS if frame["yardsticks"] else ():
        made = [
            rows[row_name(kind, row.name)] for row in scored if row_name(kind, row.name) in rows
        ]
        if made:
            marks[kind] = means(made, tuple(columns))
    log_density = frame["maps"]["kind"] == "log densities"
    problems = [
        *warnings_from({row.name: row.facts for row in ordered}, log_density),
        *_missing(scored),
    ]
    resamples, level = frame["bootstrap"]["n"], frame["bootstrap"]["level"]
    metrics = summarise(scored, columns, resamples=resamples, level=level, seed=frame["seed"])
    for key, entry in metrics.items():
        reasons = (dict(reasons_of(row)).get(key) for row in scored)
        entry["missing"] = dict(Counter(filter(None, reasons)))
    without = [row.name for row in ordered if not row.fixations]
    return Results(
        {
            "schema": SCHEMA,
            "kind": "evaluation",
            "dataset": {**frame["dataset"], "scored": len(scored), "without_fixations": without},
            "maps": {**frame["maps"], "fingerprint": _pixels_fingerprint(ordered)},
            **{
                key: frame[key]
                for key in ("fixations", "dialect", "variants", "ig_baseline", "seed", "bootstrap")
            },
            "metrics": metrics,
            "groups": {"category": group_means(scored, categories, tuple(columns))},
            "yardsticks": marks,
            "negatives": {
                key: {**entry, "from": _suppliers(entry["from"], scored)}
                for key, entry in frame["negatives"].items()
            },
            "warnings": [*frame["warnings"], *map(plain_problem, problems)],
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
