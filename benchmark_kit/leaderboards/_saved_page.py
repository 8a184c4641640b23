"""A saved page of the MIT/Tuebingen board: the file `data.json` its tables are made from.

Board name -> `rows` (one object a model) and `metric_names` (IG AUC sAUC NSS CC KLDiv SIM).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import read_json
from benchmark_kit.errors import InputError, Problem
from benchmark_kit.leaderboards._score_tables import metric_head
from benchmark_kit.results.tables import Table

METRICS = {
    "IG": "ig",
    "AUC": "auc",
    "sAUC": "sauc",
    "NSS": "nss",
    "CC": "cc",
    "KLDiv": "kl",
    "SIM": "sim",
}
NAMES = ("name", "model", "model_name", "title")
EXPECTED = "board -> rows (objects with a name and values) and metric_names"


def read_saved_page(path: Path, board: str | None = None) -> list[Table]:
    """Tables of a saved page, rows in its own order.

    Args:
        path: the JSON file.
        board: only this board (`"mit300"`); None: all of the page.

    Raises:
        InputError: not such a file; every defect is listed.
    """
    try:
        data = read_json(path)
    except DamagedFile as error:
        raise InputError(f"{path} is no saved page: {error.reason}") from None
    if not isinstance(data, dict):
        raise InputError(f"{path} is no saved page: expected {EXPECTED}")
    tables, problems = [], []
    for name, page in data.items():
        if board is not None and _plain(name) != _plain(board):
            continue
        table = _table(name, page, path.name)
        if isinstance(table, Table):
            tables.append(table)
        else:
            problems.append(Problem("E702", (name,), table, EXPECTED, "save data.json again"))
    if problems:
        raise InputError(f"{path} is no saved page of the board", problems)
    if not tables:
        asked = "any board" if board is None else repr(board)
        raise InputError(f"{path} has no table of {asked}; it has {', '.join(data) or 'nothing'}")
    return tables


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_")


def _table(name: str, page: Any, source: str) -> Table | str:
    """The board's table, or what is wrong with it."""
    if not isinstance(page, dict) or not isinstance(page.get("rows"), list):
        return "no list of rows"
    metrics = page.get("metric_names")
    if not isinstance(metrics, list) or not all(isinstance(metric, str) for metric in metrics):
        return "no list metric_names"
    rows = []
    for k, row in enumerate(page["rows"]):
        key = next((key for key in NAMES if key in row), None) if isinstance(row, dict) else None
        if key is None:
            return f"row {k + 1} has no name"
        rows.append((str(row[key]), *(_cell(row.get(metric)) for metric in metrics)))
    heads = [metric_head(METRICS[metric]) if metric in METRICS else metric for metric in metrics]
    facts = (("board", name), ("source", source), ("dialect", "tuebingen"))
    return Table(facts, ("model", *heads), tuple(rows))


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if value == value else ""
    return "" if value is None else str(value)
