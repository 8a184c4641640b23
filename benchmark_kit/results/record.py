"""The results of an evaluation: one record, saved as JSON (docs/results.md), loaded again.

The bytes of the file do not depend on workers, order or resume; only the block `made` may differ.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import read_json
from benchmark_kit.errors import MissingExtra, Problem, ResultsError
from benchmark_kit.escaping import csv_cell
from benchmark_kit.files import write_beside, write_text
from benchmark_kit.results.schema import check_layout
from benchmark_kit.results.statistics import bootstrap_intervals
from benchmark_kit.types import Row, Truths

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

SCHEMA = 1
NUMBERS_VERSION = 1  # rises when any value can change: CHANGELOG.md, "Numbers changed"


class Results:
    """An evaluation's results; `data` is exactly what the file holds.

    Args:
        data: plain data of schema 1.
    """

    def __init__(self, data: Mapping[str, Any]):
        self.data = dict(data)

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """Column key -> label, value, low, high, n and what else the schema lists."""
        return self.data["metrics"]

    @property
    def images(self) -> list[dict[str, Any]]:
        """One plain row an image, in the data set's order."""
        return self.data["images"]

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What the user should know of the maps."""
        return self.data["warnings"]

    @property
    def yardsticks(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Yardstick -> column key -> value and n; empty unless asked for."""
        return self.data["yardsticks"]

    def value(self, key: str) -> float:
        """A column's mean over images; nan where there is none.

        Raises:
            KeyError: no such column.
        """
        value = self.metrics[key]["value"]
        return float("nan") if value is None else value

    def __repr__(self) -> str:
        shown = ", ".join(f"{key} {self.value(key):.4f}" for key in self.metrics)
        return f"Results({self.data['dataset']['name']}, {self.data['dialect']}: {shown})"

    def __str__(self) -> str:
        from benchmark_kit.results.tables import evaluation_table

        return evaluation_table(self.data).text()

    def _repr_html_(self) -> str:
        from benchmark_kit.results.tables import evaluation_table

        return evaluation_table(self.data).html()

    def to_dataframe(self) -> DataFrame:
        """One row an image, indexed by its name: category, fixations, the columns, flags.

        Raises:
            MissingExtra: pandas is not installed.

        Example:
            >>> results = load_results("ours.json")
            >>> results.to_dataframe()[["nss", "cc"]].mean().round(2).to_dict()
            {'nss': 2.12, 'cc': 0.66}
        """
        try:
            from pandas import DataFrame
        except ImportError:
            raise MissingExtra("notebook", "a data frame of results") from None
        heads = ["name", "category", "fixations", *self.metrics, "flags"]
        # None (an image without a value) must not make a column one of objects
        columns = {
            head: [row[head] for row in self.images]
            if head not in self.metrics
            else np.array([row[head] for row in self.images], dtype=np.float64)
            for head in heads
        }
        return DataFrame(columns).set_index("name")

    def plot(
        self, metrics: Sequence[str] | None = None, axes: Sequence[Axes] | None = None
    ) -> np.ndarray:
        """Histograms of the images' values, with mean and yardsticks as lines.

        Args:
            metrics: column keys; None: all.
            axes: axes of matplotlib to draw into, one a metric; None: a new figure.

        Returns:
            the axes, one a metric.

        Raises:
            ConfigError: no such column, or another number of axes.
            MissingExtra: matplotlib is not installed.

        Example:
            >>> axes = load_results("ours.json").plot(["nss", "auc"])
            >>> [one.get_xlabel() for one in axes]
            ['NSS ↑', 'AUC (exact) ↑']
        """
        from benchmark_kit.results.plots import plot_results

        return plot_results(self.data, metrics, axes)

    def to_json(self) -> str:
        """The file's text: sorted keys, no NaN or Infinity."""
        return "".join(self._parts())

    def _parts(self) -> Iterator[str]:
        yield from json.JSONEncoder(indent=1, sort_keys=True, allow_nan=False).iterencode(self.data)
        yield "\n"

    def save(self, path: str | Path) -> None:
        """Write the results beside `path`, then rename.

        Raises:
            RunFailed: the folder cannot be written.
        """
        # part by part: of many images the whole text would take most of the memory
        write_beside(Path(path), lambda file: file.writelines(map(str.encode, self._parts())))

    def save_csv(self, path: str | Path) -> None:
        """Write per-image rows as CSV: name, category, fixations, the columns, flags.

        `escaping.csv_text` gives names back that a spreadsheet would have taken for formulas.
        """
        import csv
        import io

        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\n")
        keys = list(self.metrics)
        writer.writerow(["image", "category", "fixations", *map(csv_cell, keys), "flags"])
        for row in self.images:
            texts = (row["name"], row["category"] or "", "; ".join(row["flags"]))
            name, category, flags = map(csv_cell, texts)
            cells = ["" if row[key] is None else repr(row[key]) for key in keys]
            writer.writerow([name, category, row["fixations"], *cells, flags])
        write_text(Path(path), buffer.getvalue())


def load_results(path: str | Path) -> Results:
    """Read a results file.

    Raises:
        ResultsError: not a results file, of a newer schema, or not laid out as documented; the keys
            that are wrong or missing are named.

    Example:
        >>> load_results("ours.json").metrics["nss"]["n"]
        6
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise ResultsError(f"{path} is no results file: it is no regular file")
        data = read_json(path, constants=False)
    except DamagedFile as error:
        raise ResultsError(f"{path} is no results file: {error.reason}") from None
    if isinstance(data, dict) and data.get("kind") == "shard":
        raise ResultsError(f"{path} is one part of a run. Fix: salbench merge all parts first")
    if not isinstance(data, dict) or "schema" not in data or "metrics" not in data:
        raise ResultsError(
            f"{path} is no results file: it has no schema. Fix: salbench evaluate --out"
        )
    if type(data["schema"]) is not int or data["schema"] < 1:
        raise ResultsError(
            f"{path} is no results file: schema {data['schema']!r}, expected a number. "
            "Fix: salbench evaluate --out"
        )
    if data["schema"] > SCHEMA:
        raise ResultsError(f"{path} has schema {data['schema']}; this version reads up to {SCHEMA}")
    check_kind(data, str(path))
    return Results(data)


def load_results_of(path: Path, truths: Truths) -> Results | None:
    """The results in a file, if there is one and its numbers are of this data set.

    Raises:
        ResultsError: as for `load_results`.
    """
    if not path.exists():
        return None
    found = load_results(path)
    return found if found.data["dataset"]["fingerprint"] == truths.fingerprint else None


def check_kind(data: Mapping[str, Any], name: str) -> None:
    """Refuse what is no evaluation, or not laid out as one.

    Raises:
        ResultsError: it is not.
    """
    kind = data.get("kind", "evaluation")
    if kind != "evaluation":
        raise ResultsError(
            f"{name} holds a {kind}, not an evaluation. "
            "Fix: give files that salbench evaluate --out wrote"
        )
    check_layout(data, name)


def summarise(
    rows: Sequence[Row],
    columns: Mapping[str, Mapping[str, Any]],
    *,
    resamples: int,
    level: float,
    seed: int,
) -> dict[str, dict[str, Any]]:
    """Means over images with intervals.

    Args:
        rows: in the data set's order.
        columns: key -> facts to keep with the value (label, better, unit).
        resamples: bootstrap resamples; 0: no intervals.
        level: share inside the interval.
        seed: seed of the resamples.
    """
    table = as_array(rows, list(columns))
    if resamples and len(rows):
        low, high = bootstrap_intervals(table, resamples=resamples, level=level, seed=seed)
    else:
        low = high = np.full(len(columns), np.nan)
    summary = {}
    for k, (key, facts) in enumerate(columns.items()):
        found = table[:, k][np.isfinite(table[:, k])]
        summary[key] = {
            **facts,
            "value": plain(math.fsum(found) / len(found)) if len(found) else None,
            "low": plain(low[k]),
            "high": plain(high[k]),
            "n": len(found),
            "average": "image",
            "excluded": len(rows) - len(found),
        }
    return summary


def group_means(
    rows: Sequence[Row], categories: Mapping[str, str | None], keys: Sequence[str]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Category -> column -> mean and n."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        category = categories[row.name]
        if category is not None:
            groups.setdefault(category, []).append(row)
    return {category: means(groups[category], keys) for category in sorted(groups)}


def means(rows: Sequence[Row], keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Column -> mean over the rows that have a value, and their number."""
    table = as_array(rows, keys)
    result = {}
    for k, key in enumerate(keys):
        found = table[:, k][np.isfinite(table[:, k])]
        value = plain(math.fsum(found) / len(found)) if len(found) else None
        result[key] = {"value": value, "n": len(found)}
    return result


def as_array(rows: Sequence[Row], keys: Sequence[str]) -> np.ndarray:
    """Values of rows as float64 (rows, columns), nan where there is none."""
    cells = [[row.values[key] for key in keys] for row in rows]
    return np.array(
        [[np.nan if value is None else value for value in row] for row in cells], dtype=np.float64
    ).reshape(len(rows), len(keys))


def plain(value: float) -> float | None:
    """A float for JSON: None unless finite."""
    return float(value) if math.isfinite(value) else None


def plain_problem(problem: Problem) -> dict[str, Any]:
    """A warning as the results keep it."""
    return {
        "code": problem.code,
        "count": len(problem.where),
        "examples": list(problem.where[:5]),
        "text": problem.found,
        "fix": problem.fix,
    }
