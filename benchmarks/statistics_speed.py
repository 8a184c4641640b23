"""Our intervals and tests over images beside scipy's: CPU seconds of one thread, and how far apart.

python benchmarks/statistics_speed.py
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

from benchmark_kit.results.statistics import bootstrap_intervals, permutation_p

SIZES = (700, 5000)
METRICS, RESAMPLES, SIGNS, BATCH = 8, 1000, 10_000, 100


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    best, found = float("inf"), None
    for _ in range(3):
        began = time.process_time()
        found = work()
        best = min(best, time.process_time() - began)
    return best, found


def main() -> None:
    rng = np.random.default_rng(0)
    rows = []
    for images in SIZES:
        values = rng.normal(1, 1, (images, METRICS))
        differences = rng.normal(0.03, 1, (images, METRICS))
        ours, (low, _) = timed(lambda v=values: bootstrap_intervals(v, resamples=RESAMPLES))
        options = {"axis": 0, "rng": 0, "vectorized": True, "batch": BATCH}
        theirs, found = timed(
            lambda v=values, o=options: stats.bootstrap(
                (v,), np.mean, n_resamples=RESAMPLES, method="percentile", **o
            )
        )
        apart = float(np.abs(found.confidence_interval.low - low).max())
        rows.append(("bootstrap", images, ours, theirs, apart))
        ours, p = timed(lambda d=differences: permutation_p(d, permutations=SIGNS))
        theirs, found = timed(
            lambda d=differences, o=options: stats.permutation_test(
                (d,), np.mean, permutation_type="samples", n_resamples=SIGNS, **o
            )
        )
        rows.append(("permutation", images, ours, theirs, float(np.abs(found.pvalue - p).max())))
    print(f"{'what':12} {'images':>6} {'ours s':>8} {'scipy s':>8} {'ratio':>6}  apart")
    for what, images, ours, theirs, apart in rows:
        print(f"{what:12} {images:6} {ours:8.3f} {theirs:8.3f} {theirs / ours:6.1f}  {apart:.1e}")
    names = ("what", "images", "ours", "scipy", "apart")
    print(json.dumps({"statistics": [dict(zip(names, row, strict=True)) for row in rows]}))


if __name__ == "__main__":
    main()
