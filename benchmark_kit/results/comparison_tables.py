"""A comparison as tables: every pair of models, and the ranking where there are more than two."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from benchmark_kit.errors import name_some
from benchmark_kit.results.tables import ARROWS, Table

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def render_comparison(data: Mapping[str, Any], form: str) -> str:
    """A comparison in one of `tables.FORMATS` or as HTML; JSON is the whole file, CSV the pairs."""
    if form == "json":
        return json.dumps(data, indent=1, sort_keys=True, allow_nan=False)
    if form == "csv":
        return pair_table(data).csv()
    tables = [pair_table(data)]
    if len(data["results"]) > 2:
        tables.insert(0, ranking_table(data))
    return "\n\n".join(getattr(table, form)() for table in tables)


def pair_table(data: Mapping[str, Any]) -> Table:
    """One row a metric and pair; which models A and B are is told above where there are two."""
    labels = [entry["label"] for entry in data["results"]]
    several = len(labels) > 2
    heads = ["key", "metric", "dialect", "better"] + (["A", "B"] if several else [])
    heads += ["value A", "value B", "B - A", f"{100 * data['bootstrap']['level']:g} % low", "high"]
    heads += ["p", "p Holm", "B wins", "n", "better is"]
    rows = []
    for key, column in data["metrics"].items():
        for pair in column["pairs"]:
            a, b = pair["a"], pair["b"]
            values = (column["values"][a], column["values"][b], pair["difference"])
            rows.append(
                (
                    *(key, column["label"], column["dialect"], ARROWS[column["better"]]),
                    *((labels[a], labels[b]) if several else ()),
                    *(number(value) for value in (*values, pair["low"], pair["high"])),
                    *(chance(pair["p"]), chance(pair["p_holm"])),
                    "" if pair["won"] is None else f"{100 * pair['won']:.1f} %",
                    str(column["n"]),
                    pair["better"] or "not told apart",
                )
            )
    # more than two models: the ranking above it says what the numbers belong to
    return Table(() if several else _facts(data), tuple(heads), tuple(rows), _notes(data))


def ranking_table(data: Mapping[str, Any]) -> Table:
    """One row a model; models that share a letter cannot be told apart in that metric."""
    metrics = data["metrics"]
    heads = [
        f"{column['label']} {ARROWS[column['better']]} {column['dialect']}"
        for column in metrics.values()
    ]
    rows = []
    for k, entry in enumerate(data["results"]):
        cells = [
            f"{number(column['values'][k])} {letters(column, k)}".strip()
            for column in metrics.values()
        ]
        rows.append((entry["label"], *cells))
    note = "models that share a letter cannot be told apart (a: the best)"
    return Table(_facts(data), ("model", *heads), tuple(rows), (note,))


def letters(column: Mapping[str, Any], k: int) -> str:
    """Letters of the groups that a model belongs to in one metric's ranking."""
    return "".join(LETTERS[g % 26] for g, group in enumerate(column["alike"]) if k in group)


def number(value: float | None, digits: int = 4) -> str:
    """A value as tables show it."""
    # + 0.0: no minus zero
    return "" if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def chance(p: float | None) -> str:
    """A p-value as tables show it."""
    return "" if p is None else "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def _facts(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    dataset = data["dataset"]
    name = " ".join(filter(None, [dataset["name"], dataset["edition"], dataset["split"]]))
    facts = [
        ("data set", f"{name}, {dataset['points']}, {data['images']['compared']} images compared"),
        ("truth", dataset["fingerprint"][:23]),
    ]
    for k, entry in enumerate(data["results"]):
        model = f"model {LETTERS[k].upper()}" if len(data["results"]) == 2 else "model"
        maps = f"{entry['maps']['source']}, {entry['maps']['fingerprint'][:23]}"
        facts.append((model, f"{entry['label']}: {maps}"))
    test = (
        f"paired; {data['bootstrap']['n']} bootstrap resamples, {data['permutations']} sign flips"
    )
    facts.append(("test", f"{test}, seed {data['seed']}, numbers {data['numbers_version']}"))
    return tuple(facts)


def _notes(data: Mapping[str, Any]) -> tuple[str, ...]:
    notes = [left_out_note(data), "p: two-sided permutation of signs; Holm over all tests here"]
    return tuple(note for note in notes if note)


def left_out_note(data: Mapping[str, Any]) -> str | None:
    """A sentence on images that not all results have, or None."""
    parts = [
        f"{len(missing)} of {name} ({name_some(missing)})"
        for name, missing in data["images"]["left_out"].items()
        if missing
    ]
    return f"left out, not in all results: {'; '.join(parts)}" if parts else None
