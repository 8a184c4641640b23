"""Scores of an arm's maps by the kit, kept as the kit's results files."""

from __future__ import annotations

import re
import time

import numpy as np
from work import Finding, Work

from benchmark_kit import evaluate, load_results
from benchmark_kit.results.record import Results

# metric -> its column in results of maps
COLUMNS = {"nss": "nss", "cc": "cc", "auc": "auc", "sauc": "sauc", "kl": "kl", "ig": "ig_map"}
METRICS = tuple(COLUMNS)


def results_of(name: str, finding: Finding, arm: str, seed: int, work: Work) -> Results:
    """An arm's results: those that lie in the run's folder, else new ones, kept there."""
    called = re.sub(r"\W+", "_", f"{name}-{arm}-{seed}-{work.epochs or ''}").strip("_")
    file = work.out / "results" / f"{called}.json"
    if file.is_file():
        return load_results(file)
    began = time.monotonic()
    maps = finding.arms[arm](work, seed)
    seconds = time.monotonic() - began
    file.parent.mkdir(parents=True, exist_ok=True)
    found = evaluate(
        maps, work.judge, dialect="tuebingen", metrics=METRICS, workers=1, bootstrap=0, out=file
    )
    print(f"{name}, {arm}, seed {seed}: {seconds:.0f} s, NSS {found.value('nss'):.3f}", flush=True)
    return found


def mean(results: Results, metric: str) -> float:
    """A metric's mean over the pictures."""
    return float(results.metrics[COLUMNS[metric]]["value"])


def by_picture(results: Results, metric: str) -> np.ndarray:
    """A metric's values in the order of the pictures; NaN where there is none."""
    rows = {row["name"]: row[COLUMNS[metric]] for row in results.images}
    return np.array([np.nan if rows[k] is None else rows[k] for k in sorted(rows)], np.float64)
