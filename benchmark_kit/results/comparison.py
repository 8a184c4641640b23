"""Results of several models on the same images -> paired differences, tests and rankings.

Two means with overlapping intervals may still differ surely, because images that are hard for one
model are hard for the other. So models are compared image by image: the mean difference with a
bootstrap interval, and a permutation test of its sign. Over all tests of one comparison p is also
given after Holm's correction.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, ResultsError
from benchmark_kit.files import write_text
from benchmark_kit.results.comparable import (
    ROUNDING,
    open_results,
    refuse_different,
    result_labels,
    shared_keys,
)
from benchmark_kit.results.record import Results, plain
from benchmark_kit.results.statistics import (
    bootstrap_intervals,
    groups_alike,
    holm,
    permutation_p,
)

SCHEMA = 1


class Comparison:
    """A paired comparison; `data` is exactly what its file holds.

    Args:
        data: plain data, `kind` `"comparison"`.
    """

    def __init__(self, data: Mapping[str, Any]):
        self.data = dict(data)

    @property
    def labels(self) -> list[str]:
        """Names of the models, in the order given."""
        return [entry["label"] for entry in self.data["results"]]

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """Column key -> label, values, pairs and ranking."""
        return self.data["metrics"]

    def pair(self, key: str, a: int = 0, b: int = 1) -> dict[str, Any]:
        """The test of two models by their places: difference (b - a), low, high, p and more.

        Raises:
            KeyError: no such column or pair.
        """
        for pair in self.metrics[key]["pairs"]:
            if (pair["a"], pair["b"]) == (a, b):
                return pair
        raise KeyError((key, a, b))

    def __repr__(self) -> str:
        return f"Comparison({', '.join(self.labels)}: {', '.join(self.metrics)})"

    def __str__(self) -> str:
        from benchmark_kit.results.comparison_tables import render_comparison

        return render_comparison(self.data, "text")

    def _repr_html_(self) -> str:
        from benchmark_kit.results.comparison_tables import render_comparison

        return render_comparison(self.data, "html")

    def to_json(self) -> str:
        """The file's text: sorted keys, no NaN or Infinity."""
        return json.dumps(self.data, indent=1, sort_keys=True, allow_nan=False) + "\n"

    def save(self, path: str | Path) -> None:
        """Write the comparison beside `path`, then rename.

        Raises:
            RunFailed: the folder cannot be written.
        """
        write_text(Path(path), self.to_json())


def compare(
    *results: Results | str | Path,
    labels: Sequence[str] | None = None,
    metrics: str | Sequence[str] | None = None,
    resamples: int = 1000,
    permutations: int = 10_000,
    level: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Compare two or more models image by image.

    Images are matched by name, and only those that all results have are compared. Differences are
    second minus first. "Better" names the model with the better mean (lower for KL and EMD) where
    p after Holm's correction is at most 1 - level, else it is None.

    Args:
        *results: results, or paths of results files.
        labels: what to call them; None: names of the files or folders of maps, else A, B, C.
        metrics: column keys (`"nss"`, `"kl@mit"`); None: all that every result has.
        resamples: bootstrap resamples of the intervals.
        permutations: random sign flips of a test with more than 14 images that differ.
        level: share of the resampled means inside an interval.
        seed: seed of both.

    Raises:
        ConfigError: fewer than two results, or an unknown metric or number.
        ResultsError: a file that cannot be read, whose rows do not give its means, or results that
            are not comparable: everything in which they differ is listed.

    Example:
        >>> pair = compare("ours.json", "other.json", metrics="nss").pair("nss")
        >>> pair["better"], pair["p"] < 0.05
        ('ours', True)
    """
    if len(results) < 2:
        raise ConfigError(f"compare needs two or more results, got {len(results)}")
    for name, number in (("resamples", resamples), ("permutations", permutations)):
        if number < 1:
            raise ConfigError(f"{name} must be 1 or more, got {number}")
    if not 0 < level < 1:
        raise ConfigError(f"level must be between 0 and 1, for instance 0.95, got {level!r}")
    names = result_labels(results, labels)
    loaded = [open_results(given, name) for given, name in zip(results, names, strict=True)]
    keys = shared_keys(loaded, names, metrics)
    refuse_different(loaded, names, keys)
    rows = [{row["name"]: row for row in found.images if row["fixations"]} for found in loaded]
    common = [name for name in rows[0] if all(name in other for other in rows)]
    if not common:
        raise ResultsError(f"{' and '.join(names)} have no image in common")
    tables = {
        key: np.array(
            [
                [np.nan if part[name][key] is None else part[name][key] for part in rows]
                for name in common
            ],
            dtype=np.float64,
        )
        for key in keys
    }
    columns = {
        key: {
            **{fact: loaded[0].metrics[key][fact] for fact in ("label", "dialect", "better")},
            "unit": loaded[0].metrics[key]["unit"],
            **_column(
                table, loaded[0].metrics[key]["better"], resamples, permutations, level, seed
            ),
        }
        for key, table in tables.items()
    }
    _correct(columns, names, 1 - level)
    categories = [rows[0][name]["category"] for name in common]
    for key, column in columns.items():
        _add_categories(column, tables[key], categories, resamples, level, seed)
    first = loaded[0].data
    return Comparison(
        {
            "schema": SCHEMA,
            "kind": "comparison",
            "dataset": {
                **{k: first["dataset"][k] for k in ("name", "edition", "split", "points")},
                "fingerprint": first["dataset"]["fingerprint"],
                "density": first["dataset"]["density"],
            },
            "numbers_version": first["made"]["numbers_version"],
            "results": [
                {"label": name, "maps": found.data["maps"], "scored": len(part)}
                for name, found, part in zip(names, loaded, rows, strict=True)
            ],
            "images": {
                "compared": len(common),
                "left_out": {
                    name: sorted(set(part) - set(common))
                    for name, part in zip(names, rows, strict=True)
                },
            },
            "seed": seed,
            "bootstrap": {"n": resamples, "level": level},
            "permutations": permutations,
            "metrics": columns,
        }
    )


def _column(
    table: np.ndarray, better: str, resamples: int, permutations: int, level: float, seed: int
) -> dict[str, Any]:
    """Means, and the test of every pair, over the images where all models have a value."""
    known = table[np.isfinite(table).all(axis=1)]
    means = [plain(math.fsum(column) / len(known)) if len(known) else None for column in known.T]
    places = list(combinations(range(table.shape[1]), 2))
    differences = np.stack([known[:, b] - known[:, a] for a, b in places], axis=1)
    low, high = bootstrap_intervals(differences, resamples=resamples, level=level, seed=seed)
    p = permutation_p(differences, permutations=permutations, seed=seed)
    sign = 1 if better == "higher" else -1
    pairs = []
    for k, (a, b) in enumerate(places):
        gains = sign * differences[:, k]
        won = ((gains > 0).sum() + 0.5 * (gains == 0).sum()) / len(gains) if len(gains) else None
        pairs.append(
            {
                "a": a,
                "b": b,
                "difference": plain(math.fsum(differences[:, k]) / len(known))
                if len(known)
                else None,
                "low": plain(low[k]),
                "high": plain(high[k]),
                "p": plain(p[k]),
                "won": None if won is None else float(won),
            }
        )
    return {"n": len(known), "values": means, "pairs": pairs}


def _correct(columns: dict[str, dict[str, Any]], names: Sequence[str], alpha: float) -> None:
    """Add Holm's p over all tests, the better of each pair, and the ranking of each metric."""
    tests = [pair for column in columns.values() for pair in column["pairs"]]
    adjusted = holm(np.array([np.nan if pair["p"] is None else pair["p"] for pair in tests]))
    for pair, p in zip(tests, adjusted, strict=True):
        pair["p_holm"] = plain(p)
    for column in columns.values():
        sign = 1 if column["better"] == "higher" else -1
        apart = []
        for pair in column["pairs"]:
            pair["better"] = None
            # tolerance: 1 - 0.95 is a little more than 0.05
            if pair["p_holm"] is not None and pair["p_holm"] <= alpha + ROUNDING:
                apart.append((pair["a"], pair["b"]))
                pair["better"] = names[pair["b" if sign * pair["difference"] > 0 else "a"]]
        values = column["values"]
        if None in values:
            column["ranking"], column["alike"] = [], []
            continue
        ranked = sorted(range(len(names)), key=lambda k: -sign * values[k])
        column["ranking"] = ranked
        column["alike"] = groups_alike(ranked, apart)


def _add_categories(
    column: dict[str, Any],
    table: np.ndarray,
    categories: Sequence[str | None],
    resamples: int,
    level: float,
    seed: int,
) -> None:
    """Differences within each category, with intervals and without tests."""
    known = np.isfinite(table).all(axis=1)
    for pair in column["pairs"]:
        pair["category"] = {}
    for category in sorted({name for name in categories if name is not None}):
        part = table[known & np.array([name == category for name in categories])]
        differences = np.stack(
            [part[:, pair["b"]] - part[:, pair["a"]] for pair in column["pairs"]], axis=1
        )
        low, high = bootstrap_intervals(differences, resamples=resamples, level=level, seed=seed)
        for k, pair in enumerate(column["pairs"]):
            pair["category"][category] = {
                "difference": plain(math.fsum(differences[:, k]) / len(part))
                if len(part)
                else None,
                "low": plain(low[k]),
                "high": plain(high[k]),
                "n": len(part),
            }
