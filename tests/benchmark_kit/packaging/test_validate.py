"""The report: everything at once, what refuses, what passes, and what cannot be known."""

import csv
import json

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from benchmark_kit.packaging.checks.stimuli import read_board_stimuli
from benchmark_kit.packaging.report import NOT_CHECKED
from benchmark_kit.packaging.validate import validate


def hostile(s):
    """A folder with many defects."""
    members = s.members()
    gray = s.maps["Action/002"]
    members["Action/002_smap.png"] = members.pop("Action/002.png")
    members["Action/004.png"] = s.png(array=np.ascontiguousarray(s.maps["Action/004"].T))
    members["Satelite/002.npy"] = s.npy(np.where(gray > 250, np.nan, gray / 255.0))
    del members["Satelite/002.png"]
    members["Satelite/004.bmp"] = s.png(array=np.dstack([gray, 255 - gray, gray]), form="BMP")
    del members["Satelite/004.png"]
    members["Action/Output/002.png"] = s.png("Action/002")
    members["Action/001.png"] = s.png("Action/002")
    members["action/002_SMAP.png"] = s.png("Action/002")
    members["notes.txt"] = b"hello"
    return s.folder(members)


def test_all_problems_are_told_at_once(stand_in):
    s = stand_in("cat2000")
    report = s.check(hostile(s))
    codes = [problem.code for problem in report.problems]
    assert set(codes) == {*("E102", "E103", "E104", "E105", "E106", "E201", "E302", "E304", "E307")}
    text = report.text()
    for part in (
        "1 images have no map: Action/002",
        "the training set of CAT2000",
        "Action/002_smap.png = action/002_SMAP.png",
        "--strip _smap",
        "Action/Output/002.png",
        "1 maps are transposed",
        "colour (RGB) instead of gray",
        "NaN or Inf",
        "1 .bmp",
        "1 files that are no maps are left out: notes.txt",
    ):
        assert part in text
    assert text.index("refused:") < text.index("notes:") < text.index("not checked")


def test_the_report_ends_with_what_cannot_be_checked(stand_in):
    s = stand_in()
    for report in (s.check(s.zip()), s.check(s.root)):
        lines = report.text().splitlines()
        at = lines.index("not checked, because it cannot be:")
        assert [line.strip() for line in lines[at + 1 : -1]] == list(NOT_CHECKED)
        assert lines[-1].startswith("passed" if report.ok else "refused")


def test_five_examples_in_the_text_and_all_in_json(stand_in):
    s = stand_in("salicon2015")
    report = s.check(s.folder({"readme.txt": b""}))
    assert "and 1 more" in report.text()
    data = json.loads(json.dumps(report.to_json()))
    missing = next(problem for problem in data["problems"] if problem["code"] == "E102")
    assert missing["count"] == 6
    assert sorted(missing["where"]) == sorted(s.names)
    assert data["ok"] is False
    assert data["not_checked"] == list(NOT_CHECKED)


def test_strict_refuses_what_is_only_doubtful(stand_in):
    s = stand_in()
    path = s.zip({f"model/{n}": d for n, d in s.members().items()})
    assert s.check(path).ok
    strict = s.check(path, strict=True)
    assert not strict.ok
    assert [problem.code for problem in strict.problems] == ["W105"]
    assert strict.warnings == ()


@pytest.mark.parametrize("board", ["salicon2017", "mit300_jpg"])
def test_a_closed_board_says_since_when(stand_in, board):
    s = stand_in(board)
    report = s.check(s.maps)
    (warning,) = (problem for problem in report.warnings if problem.code == "W501")
    assert s.board.state_date in warning.found
    assert s.board.state_source in warning.found


def test_renames_are_written_where_a_pattern_is_found(stand_in):
    s = stand_in()
    path = s.zip({n.replace("i", "I"): d for n, d in s.members().items()})
    table = s.root / "renames.csv"
    s.check(path, renames=table)
    with open(table, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["present", "wanted"]
    assert ["I11.png", "i11.png"] in rows
    assert len(rows) == 5
    table.unlink()
    s.check(s.zip(), renames=table)
    assert not table.exists()


def test_stimuli_of_another_board_end_the_check(stand_in):
    s = stand_in()
    report = validate(s.zip(), "mit300", s.stimuli, workers=1)
    assert [problem.code for problem in report.problems] == ["E101"]
    assert report.notes == ("no map was looked at",)


def test_stimuli_that_were_read_before_serve(stand_in):
    s = stand_in()
    stimuli = read_board_stimuli(s.board, s.stimuli)
    assert validate(s.zip(), s.board, stimuli, workers=1).ok


def test_warnings_of_the_stimuli_are_in_the_report(stand_in):
    s = stand_in()
    (s.stimuli / "i2.jpg").write_bytes((s.stimuli / "i1.jpg").read_bytes())
    assert "W101" in {problem.code for problem in s.check(s.zip()).warnings}


@pytest.mark.parametrize(
    ("name", "warned"), [("results.zip", True), ("mit300.zip", True), ("deep_net.zip", False)]
)
def test_a_name_that_says_nothing_of_a_model(stand_in, name, warned):
    s = stand_in()
    report = s.check(s.zip(name=name))
    assert ("W502" in {problem.code for problem in report.warnings}) == warned


def test_a_large_file(stand_in, monkeypatch):
    s = stand_in()
    monkeypatch.setattr("benchmark_kit.packaging.validate.LARGE", 1000)
    report = s.check(s.zip())
    assert "W503" in {problem.code for problem in report.warnings}


def test_progress_counts_images_and_maps(stand_in):
    s = stand_in()
    seen = []
    s.check(s.zip(), progress=lambda done, total: seen.append((done, total)))
    assert seen == [*((k, 8) for k in range(1, 5)), (8, 8)]


def test_wrong_requests(stand_in):
    s = stand_in("salicon2017")
    with pytest.raises(ConfigError, match="takes maps"):
        s.check(s.maps, kind="densities")
    with pytest.raises(ConfigError, match="unknown leaderboard"):
        validate(s.maps, "salicon", s.stimuli)
    with pytest.raises(ConfigError, match="--workers"):
        s.check(s.maps, workers=0)
