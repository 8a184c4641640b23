"""`salbench leaderboard`: published scores in every form."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from benchmark_kit.cli.leaderboard import command
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.leaderboards.published import published_rows
from benchmark_kit.results.tables import Table


def run(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=False)


def test_text_shows_every_printed_cell_apart_by_table():
    done = run("mit300")
    assert done.exception is None
    blocks = done.stdout.split("\n\ndata set")
    assert len(blocks) == len({row.table for row in published_rows("mit300")})
    first = Table.parse(blocks[0])
    assert len(first.rows) * (len(first.columns) - 1) == 120


def test_csv_and_json_hold_the_rows_with_their_digits():
    rows = [row.plain() for row in published_rows("isun")]
    assert json.loads(run("isun", "--format", "json").stdout) == rows
    lines = list(csv.DictReader(io.StringIO(run("isun", "--format", "csv").stdout)))
    assert [line["value"] for line in lines] == [row["value"] for row in rows]
    assert [line["flags"].split(";") if line["flags"] else [] for line in lines] == [
        row["flags"] for row in rows
    ]


@pytest.mark.parametrize(("form", "mark"), [("markdown", "| --- |"), ("latex", r"\toprule")])
def test_other_forms(form, mark):
    assert mark in run("isun", "--format", form).stdout


def test_a_saved_page(tmp_path):
    path = tmp_path / "data.json"
    page = {"MIT300": {"metric_names": ["AUC"], "rows": [{"name": "A", "AUC": 0.5}]}}
    path.write_text(json.dumps(page))
    assert "AUC (exact) ↑" in run("--import", path).stdout
    found = json.loads(run("mit300", "--import", path, "--format", "json").stdout)
    assert found[0]["rows"] == [{"model": "A", "AUC (exact) ↑": "0.5000"}]
    path.write_text("{}")
    assert isinstance(run("--import", path).exception, InputError)


def test_wrong_requests():
    assert "salbench leaderboard mit300" in str(run().exception)
    unknown = run("mit3000").exception
    assert isinstance(unknown, ConfigError)
    assert "did you mean 'mit300'" in str(unknown)
    assert isinstance(run("--import", "nothing.json").exception, ConfigError)
