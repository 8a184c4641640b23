"""Scores of what a run has learned, by the kit, on the part that it did not learn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import benchmark_kit
from benchmark_kit.errors import MissingExtra
from benchmark_kit.types import Truths


def result_files(folder: Path, sets: Sequence[Truths]) -> dict[str, Path]:
    """Where the results of each data set stand: `results.json`, or one file a set.

    Args:
        folder: the run's.
        sets: the validation parts; two of one name are numbered.
    """
    if len(sets) == 1:
        return {sets[0].name: folder / "results.json"}
    labels: list[str] = []
    for k, one in enumerate(sets):
        number = sum(before.name == one.name for before in sets[: k + 1])
        labels.append(one.name if number == 1 else f"{one.name}{number}")
    return {label: folder / f"results-{label}.json" for label in labels}


def score_parts(
    model: Path,
    sets: Sequence[Truths],
    folder: Path,
    *,
    map_name: str | None = None,
    workers: int | None = 1,
    note: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Score a saved model on validation parts, and write results and a page for each.

    Args:
        model: its file.
        sets: the parts.
        folder: where results go; those of a former call are replaced.
        map_name: of a model with several maps.
        workers: processes that predict and score; one is this process.
        note: called with what a user should read.

    Returns:
        the results by data set, as the files hold them.
    """
    found = {}
    for (label, path), truths in zip(result_files(folder, sets).items(), sets, strict=True):
        results = benchmark_kit.evaluate(
            None,
            truths,
            model=str(model),
            map_name=map_name,
            workers=workers,
            out=path,
            force=True,
        )
        found[label] = results
        page = path.with_name(path.name.replace("results", "report", 1)).with_suffix(".html")
        try:
            benchmark_kit.report(path, out=page)
        except MissingExtra as error:
            note(f"no {page.name}: {error}")
    return found
