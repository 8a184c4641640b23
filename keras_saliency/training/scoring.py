"""Scores of what a run has learned, by the kit, on the part that it did not learn from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import benchmark_kit
from benchmark_kit.errors import MissingExtra
from keras_saliency.training.parts import Parts

RESULTS = "results.json"


def score_parts(
    model: Path,
    parts: Parts,
    folder: Path,
    *,
    map_name: str | None = None,
    log_density: bool = False,
    workers: int | None = 1,
    note: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Score a saved model on validation parts, and write results and a page for each.

    Args:
        model: its file.
        parts: the data sets.
        folder: where results go; those of a former call are replaced.
        map_name: of a model with several maps.
        log_density: whether the model gives log densities, whose information gain counts as it is.
        workers: processes that predict and score; one is this process.
        note: called with what a user should read.

    Returns:
        the results by data set, as the files hold them.
    """
    found = {}
    files = parts.files(folder, RESULTS)
    for (label, path), truths in zip(files.items(), parts.validate, strict=True):
        found[label] = benchmark_kit.evaluate(
            None,
            truths,
            model=str(model),
            map_name=map_name,
            log_density=log_density,
            workers=workers,
            out=path,
            force=True,
        )
        page = path.with_name(path.name.replace("results", "report", 1)).with_suffix(".html")
        try:
            benchmark_kit.report(path, out=page)
        except MissingExtra as error:
            note(f"no {page.name}: {error}")
    return found
