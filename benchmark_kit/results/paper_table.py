"""Results as tables for a paper: one row a model, intervals beside the values, or by category.

Bold is a claim, so a value is bold only where the paired comparison tells the best model apart
from the next best one, after Holm's correction over all tests of the tables. Within categories
nothing is tested, and nothing is bold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchmark_kit.errors import ConfigError
from benchmark_kit.results.comparison_tables import left_out_note, number
from benchmark_kit.results.tables import (
    ARROWS,
    BOLD,
    YARDSTICK_HEADS,
    Strong,
    Table,
    evaluation_table,
    maps_fact,
)

FORMS = tuple(BOLD)


def paper_table(
    results: Sequence[Mapping[str, Any]],
    labels: Sequence[str],
    form: str,
    *,
    keys: Sequence[str] | None = None,
    tests: Mapping[str, Any] | None = None,
) -> str:
    """Several results on one data set side by side, with the yardsticks of the first below.

    Args:
        results: data of results that may be compared.
        labels: the models' names.
        form: `"markdown"` or `"latex"`.
        keys: columns, which all results have; None: all of these.
        tests: the comparison of all of them, whose means over common images are shown; None of one
            result.
    """
    first = results[0]
    keys = shown_keys(results) if keys is None else list(keys)
    rows = []
    for k, (label, data) in enumerate(zip(labels, results, strict=True)):
        cells = []
        for key in keys:
            column = None if tests is None else tests["metrics"][key]
            cells.append(_cell(data["metrics"][key], column, k))
        rows.append((label, *cells))
    for kind, name in YARDSTICK_HEADS.items():
        if kind in first["yardsticks"]:
            marks = [first["yardsticks"][kind][key]["value"] for key in keys]
            rows.append((name, *(number(mark, 3) for mark in marks)))
    shown = "means over images"
    if tests is not None:
        shown = f"means over the {tests['images']['compared']} images that all models have"
    if any(data["metrics"][key]["low"] is not None for data in results for key in keys):
        shown += f", [{100 * first['bootstrap']['level']:g} % bootstrap intervals]"
    facts = [*_facts(results, labels, keys), ("shown", shown), ("bold", _bold(tests))]
    if tests is not None and (note := left_out_note(tests)):
        facts.append(("images", note))
    heads = ("model", *(_head(first, key) for key in keys))
    return getattr(Table(tuple(facts), heads, tuple(rows)), form)()


def category_tables(
    results: Sequence[Mapping[str, Any]], labels: Sequence[str], form: str, keys: Sequence[str]
) -> list[str]:
    """Means by category: of one model a table of all columns, of several one a column.

    Args:
        results: data of results that may be compared.
        labels: the models' names.
        form: `"markdown"` or `"latex"`.
        keys: columns, which all results have.

    Raises:
        ConfigError: the data set has no categories.
    """
    found = {key: _by_category(results, key) for key in keys}
    names = sorted({name for categories in found.values() for name in categories})
    if not names:
        raise ConfigError(
            f"{results[0]['dataset']['name']} has no categories. Fix: leave --by-category out"
        )
    dataset = evaluation_table(results[0]).facts[0]  # all else stands above the first table
    facts = (
        dataset,
        ("shown", f"means over the images of a category{' that all have' * (len(results) > 1)}"),
        ("bold", "nothing: differences within categories are not tested"),
    )

    def row(name: str, columns: Sequence[str]) -> tuple[str, ...]:
        parts = [found[key].get(name, (0, [None] * len(results))) for key in columns]
        images = max(count for count, _ in parts)
        return name, str(images), *(number(mean, 3) for _, means in parts for mean in means)

    if len(results) == 1:
        heads = ("category", "images", *(_head(results[0], key) for key in keys))
        rows = tuple(row(name, keys) for name in names)
        return [getattr(Table(facts, heads, rows), form)()]
    tables = []
    for key in keys:
        heads = (f"{_head(results[0], key)} by category", "images", *labels)
        rows = tuple(row(name, [key]) for name in names)
        tables.append(getattr(Table(facts, heads, rows), form)())
    return tables


def _by_category(
    results: Sequence[Mapping[str, Any]], key: str
) -> dict[str, tuple[int, list[float]]]:
    """Category -> how many images have a value in all results, and each one's mean over these."""
    tables = [{row["name"]: row for row in data["images"] if row["fixations"]} for data in results]
    found: dict[str, list[list[Any]]] = {}
    for name, row in tables[0].items():
        values = [table[name][key] if name in table else None for table in tables]
        if row["category"] is not None and None not in values:
            found.setdefault(row["category"], []).append(values)
    return {
        category: (len(rows), [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)])
        for category, rows in found.items()
    }


def shown_keys(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns that all results have."""
    return [k for k in results[0]["metrics"] if all(k in data["metrics"] for data in results)]


def best_apart(column: Mapping[str, Any]) -> int | None:
    """The place of the best model in one column of a comparison, where it is really better.

    Args:
        column: `metrics[key]` of a comparison.

    Returns:
        None where the comparison does not tell it apart from the next best.
    """
    if len(column["ranking"]) < 2:
        return None
    best, second = column["ranking"][:2]
    pair = next(p for p in column["pairs"] if {p["a"], p["b"]} == {best, second})
    return best if pair["better"] is not None else None


def _head(data: Mapping[str, Any], key: str) -> str:
    """What stands above a column; the dialect where another column has the same name."""
    entry = data["metrics"][key]
    labels = [each["label"] for each in data["metrics"].values()]
    dialect = f" ({entry['dialect']})" if labels.count(entry["label"]) > 1 else ""
    return f"{entry['label']} {ARROWS[entry['better']]}{dialect}"


def _facts(
    results: Sequence[Mapping[str, Any]], labels: Sequence[str], keys: Sequence[str]
) -> list[tuple[str, str]]:
    """What the numbers belong to."""
    facts = [fact for fact in evaluation_table(results[0]).facts if fact[0] != "maps"]
    several = len(results) > 1
    for label, data in zip(labels, results, strict=True):
        facts.append((f"maps of {label}" if several else "maps", maps_fact(data)))
    return [*facts, ("columns", ", ".join(results[0]["variants"][key] for key in keys))]


def _bold(tests: Mapping[str, Any] | None) -> str:
    if tests is None:
        return "nothing: one model"
    level = 1 - tests["bootstrap"]["level"]
    return (
        "the best model, where it is better than the next best by a paired permutation test, "
        f"p <= {level:g} after Holm's correction over all tests of these columns"
    )


def _cell(entry: Mapping[str, Any], column: Mapping[str, Any] | None, k: int) -> str:
    """A model's value, its interval where that is of the same images, bold where that is meant."""
    mean = entry["value"] if column is None else column["values"][k]
    if mean is None:
        return ""
    value = text = number(mean, 3)
    same = column is None or column["n"] == entry["n"]
    if same and entry["low"] is not None:
        text += f" [{number(entry['low'], 3)}, {number(entry['high'], 3)}]"
    bold = column is not None and best_apart(column) == k
    return Strong(text, len(value)) if bold else text
