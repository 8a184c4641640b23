"""Published scores: digits as printed, flags explained, and compared only with their like."""

import csv
import dataclasses
import json
from pathlib import Path

import pytest

import benchmark_kit.leaderboards
from benchmark_kit.dialects import DIALECTS
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.leaderboards import get_board, list_boards, published
from benchmark_kit.leaderboards.published import (
    may_be_reference,
    published_rows,
    published_tables,
    saved_page_tables,
    standing,
    standing_note,
)
from benchmark_kit.metrics import METRICS
from benchmark_kit.results.record import Results

FOLDER = Path(benchmark_kit.leaderboards.__file__).parent / "published"
NAMES = ("salicon", "mit300", "cat2000", "isun")


def every_row():
    return [row for name in NAMES for row in published_rows(name)]


def result(dataset, variants, *, edition=None, split="test"):
    """Results with one value a variant: `{"nss@mit": 2.0}`."""
    metrics = {
        variant: {
            "label": METRICS[variant.split("@")[0]].facts.label,
            "better": METRICS[variant.split("@")[0]].facts.better,
            "value": value,
        }
        for variant, value in variants.items()
    }
    return Results(
        {
            "dataset": {"name": dataset, "edition": edition, "split": split},
            "dialect": ",".join(dict.fromkeys(variant.split("@")[1] for variant in variants)),
            "variants": {variant: variant for variant in variants},
            "metrics": metrics,
        }
    )


def test_every_line_of_the_files_is_a_row_with_its_digits():
    lines = []
    for path in FOLDER.glob("*.csv"):
        if path.name not in ("tables.csv", "flags.csv"):
            with open(path, newline="", encoding="utf-8") as file:
                lines += list(csv.DictReader(file))
    assert len(lines) == 1176
    rows = {(r.table, r.model, r.split, r.metric, r.as_printed) for r in every_row()}
    assert rows == {
        (x["table"], x["model"], x["split"], x["metric"], x["as_printed"]) for x in lines
    }
    for row in every_row():
        if row.value:
            float(row.value)
            assert row.value in row.as_printed
        else:
            assert "not_reported" in row.flags


def test_flags_metrics_and_dialects_are_known_and_every_flag_is_used():
    rows = every_row()
    with open(FOLDER / "flags.csv", newline="", encoding="utf-8") as file:
        flags = {line["flag"] for line in csv.DictReader(file)}
    assert {flag for row in rows for flag in row.flags} == flags
    assert {row.metric for row in rows} <= {*METRICS, "auc_unspecified"}
    assert {row.dialect for row in rows} <= {*DIALECTS, "unknown"}


def test_tables_of_source_documents_hold_as_many_cells_as_they_say():
    with open(FOLDER / "tables.csv", newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            found = [row for row in every_row() if row.table == line["table"]]
            assert len(found) == int(line["cells"]), line["table"]
            assert {row.document for row in found} == {line["document"]}


def test_known_cells():
    found = {(r.table, r.model, r.metric): r.value for r in every_row()}
    assert found["eml_net_table3", "EML-NET", "nss"] == "2.47"
    assert found["lecture_mit300", "Humans", "nss"] == "3.29"
    # one model, two editions: never one ranking
    sam = [r for r in published_rows("salicon") if "SAM" in r.model and r.metric == "nss"]
    assert {(r.edition, r.value) for r in sam} >= {("2017", "1.990"), ("2015", "3.204")}


def test_boards_are_editions_of_data_sets():
    assert {r.edition for r in published_rows("salicon2017")} == {"2017", "2017_inferred"}
    assert {r.edition for r in published_rows("mit300_jpg")} == {"mit_legacy"}
    assert {r.dataset for r in published_rows("lsun")} == {"iSUN", "SALICON"}
    assert {r.dialect for r in published_rows("MIT300", dialect="tuebingen")} == {"tuebingen"}
    with pytest.raises(ConfigError, match="did you mean 'salicon2017'"):
        published_rows("salicon2018")


def test_rows_of_other_editions_or_tables_never_share_a_table():
    for name in NAMES:
        for table in published_tables(name):
            facts = dict(table.facts)
            mine = [r for r in published_rows(name) if facts["table"].startswith(f"{r.table} of")]
            mine = [r for r in mine if f"edition {r.edition}" in facts["data set"]]
            assert len({r.dialect for r in mine if r.dialect == facts["dialect"]}) == 1
            assert all(not column.startswith("AUC ") or "(" in column for column in table.columns)


def test_flagged_cells_carry_a_mark_that_is_explained():
    table = next(
        t
        for t in published_tables("salicon2015")
        if dict(t.facts)["table"].startswith("thesis_table5.18")
    )
    row = next(row for row in table.rows if row[0] == "SALGAN")
    cell = row[table.columns.index("AUC-Judd ↑")]
    value, marks = cell.split()
    assert value == "0.781"
    explained = {line[0]: line for line in table.notes if line[1] == " "}
    assert any("wrong column" in explained[mark] for mark in marks)
    assert any(line.startswith("every cell: mixed_editions") for line in table.notes)


def test_standing_counts_only_one_table_of_the_same_data_and_dialect():
    (found,) = standing(result("mit300", {"nss@mit": 2.10}))
    assert {score.table for score in found.scores} == {"eml_net_table3"}
    better = [s.model for s in found.scores if float(s.value) > 2.10]
    assert found.place == 1 + len(better) == 7
    assert "place 7 beside 15 scores of eml_net_table3 (best EML-NET 2.47)" in str(found)
    (lower,) = standing(result("mit300", {"kl@mit": 0.54}))
    assert lower.place == 1
    assert lower.scores[0].model == "Salicon"


def test_standing_of_the_present_board_is_said_to_be_partial():
    (found,) = standing(result("cat2000", {"nss@tuebingen": 1.0}))
    assert "a partial table" in str(found)


@pytest.mark.parametrize(
    "other",
    [
        result("mit300", {"nss@salicon2017": 2.0}),
        result("mit300", {"nss@mit": 2.0}, split="val"),
        result("mit1003", {"nss@mit": 2.0}),
        result("salicon", {"nss@salicon2015": 2.0}, edition="2017"),
        result("salicon", {"nss@tuebingen": 2.0}, edition="2017", split="val"),
        result("mit300", {"nss@mit": None}),
    ],
)
def test_other_editions_splits_and_dialects_give_no_standing(other):
    assert standing(other) == []
    assert standing_note(other).startswith("no published scores of ")


def test_ig_of_maps_is_not_set_beside_ig_of_densities(monkeypatch):
    (model, *_) = [row for row in published_rows("mit300", dialect="tuebingen") if row.value]
    score = dataclasses.replace(model, metric="ig", value="1.2", flags=())
    monkeypatch.setattr(published, "all_scores", lambda: (score,))
    results = result("mit300", {"ig@tuebingen": 1.0})
    assert [entry.key for entry in standing(results)] == ["ig@tuebingen"]
    results.data["variants"] = {"ig_map": "ig@tuebingen"}
    results.data["metrics"] = {"ig_map": results.data["metrics"]["ig@tuebingen"]}
    assert standing(results) == []


def test_flagged_scores_are_never_a_reference():
    found = standing(
        result("salicon", {"nss@salicon2015": 2.0, "auc_judd@salicon2015": 0.8}, edition="2015")
    )
    assert found
    for entry in found:
        for score in entry.scores:
            assert may_be_reference(score)
            assert score.table == "lecture_salicon"
    humans = [r for r in published_rows("mit300") if "baseline" in r.flags]
    assert humans
    assert not any(may_be_reference(row) for row in humans)


PAGE = {
    "MIT300": {
        "metric_names": ["IG", "AUC", "sAUC", "NSS", "CC", "KLDiv", "SIM"],
        "metrics": [],
        "rows": [
            {"name": "A", "IG": None, "AUC": 0.87654321, "NSS": 2, "KLDiv": float("nan")},
            {"name": "B", "AUC": 0.5},
        ],
    },
    "CAT2000": {"metric_names": ["AUC"], "rows": []},
}


def test_a_saved_page_is_shown_in_its_own_order(tmp_path):
    path = tmp_path / "data.json"
    path.write_text(json.dumps(PAGE))
    tables = saved_page_tables(path)
    assert [dict(table.facts)["board"] for table in tables] == ["MIT300", "CAT2000"]
    assert tables[0].columns[:3] == ("model", "IG ↑", "AUC (exact) ↑")
    assert tables[0].rows[0] == ("A", "", "0.8765", "", "2", "", "", "")
    assert [row[0] for row in tables[0].rows] == ["A", "B"]
    (only,) = saved_page_tables(path, "cat2000")
    assert only.rows == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no saved page"),
        ("[]", "expected board -> rows"),
        ('{"MIT300": {"rows": 3}}', "no list of rows"),
        ('{"MIT300": {"rows": []}}', "no list metric_names"),
        ('{"MIT300": {"rows": [{"x": 1}], "metric_names": ["NSS"]}}', "row 1 has no name"),
        ("{}", "no table of any board"),
    ],
)
def test_other_files_are_refused_with_what_is_wrong(tmp_path, text, said):
    path = tmp_path / "data.json"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        saved_page_tables(path)


@pytest.mark.parametrize("name", list_boards())
def test_every_board_is_answered_with_scores_or_that_none_are_known(name):
    board = get_board(name)
    if board.scores or name in NAMES:
        assert published_rows(name)
        return
    with pytest.raises(ConfigError, match=rf"no published scores of {board.title.split()[0]}"):
        published_rows(name)
