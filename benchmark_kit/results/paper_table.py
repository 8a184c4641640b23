"""Results as a table for a paper: one row a model, intervals beside the values, the best bold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark_kit.results.comparison_tables import number
from benchmark_kit.results.tables import (
    ARROWS,
    BOLD,
    YARDSTICK_HEADS,
    Strong,
    Table,
    evaluation_table,
)

FORMS = tuple(BOLD)


def paper_table(results: Sequence[Mapping[str, Any]], labels: Sequence[str], form: str) -> str:
    """Several results on one data set side by side, with the yardsticks of the first below.

    Args:
        results: data of results that may be compared; columns are the metrics all have.
        labels: the models' names.
        form: `"markdown"` or `"latex"`.
    """
    first = results[0]
    keys = [key for key in first["metrics"] if all(key in data["metrics"] for data in results)]
    heads = [
        f"{first['metrics'][key]['label']} {ARROWS[first['metrics'][key]['better']]}"
        for key in keys
    ]
    best = {key: best_places([data["metrics"][key] for data in results]) for key in keys}
    rows = [
        (label, *(_cell(data["metrics"][key], k in best[key]) for key in keys))
        for k, (label, data) in enumerate(zip(labels, results, strict=True))
    ]
    for kind, name in YARDSTICK_HEADS.items():
        if kind in first["yardsticks"]:
            marks = [first["yardsticks"][kind][key]["value"] for key in keys]
            rows.append((name, *(number(mark, 3) for mark in marks)))
    facts = (
        *evaluation_table(first).facts,
        ("columns", ", ".join(first["variants"][key] for key in keys)),
        ("shown", "means over images, [bootstrap intervals], bold: best model"),
    )
    return getattr(Table(facts, ("model", *heads), tuple(rows)), form)()


def best_places(entries: Sequence[Mapping[str, Any]]) -> set[int]:
    """Which of several models' entries of one metric are best; none where there is one model."""
    known = {k: entry["value"] for k, entry in enumerate(entries) if entry["value"] is not None}
    if len(entries) < 2 or not known:
        return set()
    top = (max if entries[0]["better"] == "higher" else min)(known.values())
    return {k for k, value in known.items() if value == top}


def _cell(entry: Mapping[str, Any], bold: bool) -> str:
    if entry["value"] is None:
        return ""
    value = text = number(entry["value"], 3)
    if entry["low"] is not None:
        text += f" [{number(entry['low'], 3)}, {number(entry['high'], 3)}]"
    return Strong(text, len(value)) if bold else text
