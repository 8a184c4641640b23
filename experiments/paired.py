"""Paired differences of arms over the judged pictures, after the mean over seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
from scoring import METRICS, by_picture, mean
from work import Finding

from benchmark_kit.results.record import Results
from benchmark_kit.results.statistics import bootstrap_intervals, holm, permutation_p

PERMUTATIONS = 100_000  # so many that p is small after Holm's correction too
Found = dict[tuple[str, int], Results]


def scores(found: Found) -> list[dict[str, Any]]:
    """A row an arm and seed: its means."""
    return [
        {"arm": arm, "seed": seed, **{key: mean(results, key) for key in METRICS}}
        for (arm, seed), results in found.items()
    ]


def differences(finding: Finding, found: Found) -> list[dict[str, Any]]:
    """A row a pair and metric: mean difference, 95 % interval and p over pictures.

    A picture's score is the mean over seeds; `by_seed` has the mean difference of each seed, so
    that one sees how much chance of start and order weighs. p is also given after Holm's
    correction over all tests of the finding.
    """
    seeds = sorted({seed for _, seed in found})
    rows, columns = [], []
    for a, b in finding.pairs:
        for key in METRICS:
            apart = np.stack(
                [by_picture(found[b, s], key) - by_picture(found[a, s], key) for s in seeds]
            )
            columns.append(apart.mean(axis=0))
            by_seed = " ".join(f"{value:+.4f}" for value in np.nanmean(apart, axis=1))
            rows.append({"a": a, "b": b, "metric": key, "by_seed": by_seed})
    table = np.stack(columns, axis=1)
    low, high = bootstrap_intervals(table)
    p = permutation_p(table, permutations=PERMUTATIONS)
    for row, *numbers in zip(rows, np.nanmean(table, axis=0), low, high, p, holm(p), strict=True):
        row.update(zip(("difference", "low", "high", "p", "p_holm"), numbers, strict=True))
    return rows
