"""Results as one HTML file to read, send and keep; or as a table for a paper.

The file loads nothing from anywhere and can be read with scripts off. Its pictures need the data
set and the maps; without them everything else is there and the page says what adds them.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.files import write_text
from benchmark_kit.imaging.colours import colourise
from benchmark_kit.leaderboards.published import standing_note
from benchmark_kit.progress import Progress
from benchmark_kit.reporting._charts import Chart, histogram_chart
from benchmark_kit.reporting._templates import template
from benchmark_kit.reporting.pictures import Gallery, make_gallery
from benchmark_kit.reporting.result_maps import GivenMaps, maps_of_results
from benchmark_kit.results.comparable import open_results, result_labels, shared_keys
from benchmark_kit.results.comparison import Comparison, compare
from benchmark_kit.results.comparison_tables import (
    chance,
    left_out_note,
    letters,
    number,
    render_comparison,
)
from benchmark_kit.results.paper_table import FORMS as PAPER_FORMS
from benchmark_kit.results.paper_table import best_apart, category_tables, paper_table
from benchmark_kit.results.record import Results
from benchmark_kit.results.statistics import explained_share
from benchmark_kit.results.tables import ARROWS, YARDSTICK_HEADS, evaluation_table
from benchmark_kit.types import Truths

FORMS = ("html", *PAPER_FORMS)


def report(
    results: Results | str | Path,
    *,
    compare: Sequence[Results | str | Path] = (),
    out: str | Path,
    truths: Truths | None = None,
    maps: GivenMaps = (),
    strip: str = "",
    labels: Sequence[str] | None = None,
    form: str = "html",
    metrics: str | Sequence[str] | None = None,
    by_category: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write the report of an evaluation, or of several models side by side.

    Args:
        results: results, or the path of a results file.
        compare: further models' results on the same data.
        out: file to write; an existing one is replaced.
        truths: the data set that was scored, for pictures.
        maps: each model's maps in the order of the results, or by label, for pictures: folders,
            archives, HDF5 files, mappings from image name to array, or `ResultMaps` that name a
            model; a model without maps is shown in numbers alone.
        strip: suffix of map names that stimuli do not have.
        labels: the models' names; None: those of the files or folders of maps.
        form: `"html"`, or `"markdown"` or `"latex"` for the tables alone.
        metrics: column keys (`"nss"`, `"kl@mit"`); None: all that every result has.
        by_category: of the tables alone, also those of each category.
        progress: called with (pictures done, pictures in all), each read and drawn.

    Raises:
        ConfigError: an unknown form or column, no categories where they are asked for, or not one
            source of maps a model.
        ResultsError: results that cannot be read or compared, or another data set than the one
            that was scored.
        InputError: maps that do not fit.
        MissingExtra: jinja2 is not installed.
        RunFailed: the file cannot be written.

    Example:
        >>> report("ours.json", out="report.html")
    """
    if form not in FORMS:
        raise ConfigError(f"form must be one of {', '.join(FORMS)}, got {form!r}")
    given = [results, *compare]
    names = result_labels(given, labels)
    loaded = [open_results(each, name) for each, name in zip(given, names, strict=True)]
    sources = maps_of_results(maps, names, strip)
    keys = shared_keys(loaded, names, metrics)
    tests = _compared(loaded, names, keys) if len(loaded) > 1 else None
    if form != "html":
        data = [found.data for found in loaded]
        of_tests = None if tests is None else tests.data
        parts = [paper_table(data, names, form, keys=keys, tests=of_tests)]
        parts += category_tables(data, names, form, keys) if by_category else []
        parts += [render_comparison(tests.data, form)] if tests else []
        write_text(Path(out), "\n\n".join(parts) + "\n")
        return
    page = template("page.html.jinja", "an HTML report")  # before the work
    gallery = None
    if truths and any(sources):
        gallery = make_gallery(loaded, names, truths, sources, progress=progress)
    write_text(Path(out), _html(page, loaded, names, keys, tests, gallery))


def _compared(loaded: Sequence[Results], names: Sequence[str], keys: Sequence[str]) -> Comparison:
    return compare(*loaded, labels=names, metrics=keys)


def _html(
    page: Any,
    loaded: Sequence[Results],
    names: Sequence[str],
    keys: Sequence[str],
    tests: Comparison | None,
    gallery: Gallery | None,
) -> str:
    first = loaded[0]
    text: str = page.render(
        names=names,
        title=_title(first),
        facts=evaluation_table(first.data).facts,
        metrics=[_metric(key, loaded, tests) for key in keys],
        level=first.data["bootstrap"]["level"] if first.data["bootstrap"]["n"] else None,
        yardsticks=[
            (kind, head) for kind, head in YARDSTICK_HEADS.items() if kind in first.yardsticks
        ],
        tests=None if tests is None else tests.data,
        left_out=None if tests is None else left_out_note(tests.data),
        published=standing_note(first),
        charts=_charts(keys, loaded, names),
        categories=_categories(keys, loaded),
        rows=_rows(keys, loaded),
        gallery=gallery,
        gradients={name: _gradient(name) for name in ("magma", "gain")},
        sources=[_source(found, name) for found, name in zip(loaded, names, strict=True)],
        number=number,
        chance=chance,
        letters=letters,
    )
    return text


def _title(found: Results) -> str:
    dataset = found.data["dataset"]
    return " ".join(filter(None, [dataset["name"], dataset["edition"], dataset["split"]]))


def _metric(key: str, loaded: Sequence[Results], tests: Comparison | None) -> dict[str, Any]:
    """One metric's line of the headline table, of the shares, and of the comparison."""
    first = loaded[0]
    entry = first.metrics[key]
    marks = {kind: values[key]["value"] for kind, values in first.yardsticks.items()}
    bounds = (marks.get("chance"), marks.get("inter_observer"))
    entries = [found.metrics[key] for found in loaded]
    return {
        "key": key,
        "label": entry["label"],
        "dialect": entry["dialect"],
        "unit": entry["unit"],
        "better": entry["better"],
        "arrow": ARROWS[entry["better"]],
        "entries": entries,
        "best": None if tests is None else best_apart(tests.metrics[key]),
        "marks": marks,
        "shares": [explained_share(each["value"], *bounds) for each in entries],
        "bias_share": explained_share(marks.get("centre_bias"), *bounds),
        "test": None if tests is None else tests.metrics[key],
    }


def _values(found: Results, key: str) -> np.ndarray:
    return np.array([row[key] for row in found.images if row[key] is not None], dtype=np.float64)


def _charts(keys: Sequence[str], loaded: Sequence[Results], names: Sequence[str]) -> list[Chart]:
    charts = []
    for key in keys:
        entry = loaded[0].metrics[key]
        title = f"{entry['label']} {ARROWS[entry['better']]}"
        values = [_values(found, key) for found in loaded]
        chart = histogram_chart(key, title, names, values)
        if chart is not None:
            charts.append(chart)
    return charts


def _categories(keys: Sequence[str], loaded: Sequence[Results]) -> list[dict[str, Any]]:
    """Category -> for each metric, each model's mean."""
    groups = [found.data["groups"]["category"] for found in loaded]
    return [
        {
            "name": category,
            "n": max(groups[0][category][key]["n"] for key in keys),
            "cells": [
                [group[category][key]["value"] if category in group else None for group in groups]
                for key in keys
            ],
        }
        for category in groups[0]
    ]


def _rows(keys: Sequence[str], loaded: Sequence[Results]) -> list[dict[str, Any]]:
    """Every image of the first model with all models' values."""
    others = [{row["name"]: row for row in found.images} for found in loaded]
    return [
        {
            "name": row["name"],
            "category": row["category"] or "",
            "fixations": row["fixations"],
            "cells": [
                [other[row["name"]][key] if row["name"] in other else None for other in others]
                for key in keys
            ],
            "flags": "; ".join(row["flags"]),
        }
        for row in loaded[0].images
    ]


def _source(found: Results, name: str) -> dict[str, Any]:
    """Where one model's numbers come from."""
    data = found.data
    made = data["made"]
    return {
        "name": name,
        "facts": evaluation_table(data).facts,
        "software": made["software"],
        "made": {key: made[key] for key in ("utc", "seconds", "engine", "workers") if key in made},
        "command": reproducing_command(data),
        "exact": _is_ours(made),
        "warnings": found.warnings,
        "notes": made.get("notes", []),
        "missing": data["dataset"]["missing_maps"],
        "without_fixations": data["dataset"]["without_fixations"],
    }


def reproducing_command(data: Mapping[str, Any]) -> str:
    """The command that made a results file, or one of the same choices where none is recorded."""
    if _is_ours(data["made"]):
        return shlex.join(data["made"]["command"])
    dataset = data["dataset"]
    part = "".join(
        f" --{key} {shlex.quote(dataset[key])}" for key in ("edition", "split") if dataset[key]
    )
    columns = shlex.quote(",".join(data["variants"].values()))
    return (
        f"salbench evaluate MAPS --dataset {shlex.quote(dataset['name'])} --root DIR{part} "
        f"--metrics {columns} --seed {data['seed']} --dialect {shlex.quote(data['dialect'])}"
        + (" --yardsticks" if data["yardsticks"] else "")
    )


def _is_ours(made: Mapping[str, Any]) -> bool:
    """Whether a recorded command runs this program: no other is shown to be repeated."""
    return made.get("command", [])[:2] == ["salbench", "evaluate"]


def _gradient(colours: str) -> str:
    """A colour map as CSS."""
    stops = colourise(np.linspace(0, 1, 11), colours)
    return ", ".join(f"rgb({red} {green} {blue})" for red, green, blue in stops)
