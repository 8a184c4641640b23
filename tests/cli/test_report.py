"""`salbench report`: where it finds pictures, its forms and its refusals."""

import json

import pytest
from click.testing import CliRunner

from benchmark_kit import evaluate
from benchmark_kit.cli.report import command
from benchmark_kit.errors import ConfigError, ResultsError


@pytest.fixture
def scored(folder_set, tmp_path):
    """A results file as the command line would have written it."""
    out = tmp_path / "good.json"
    evaluate(folder_set.maps, folder_set.truths(), metrics="nss,ig", workers=1, out=out)
    data = json.loads(out.read_text())
    words = ["salbench", "evaluate", str(folder_set.maps), "--dataset", "folder"]
    data["made"]["command"] = [*words, "--root", str(folder_set.root), "--strip", ""]
    out.write_text(json.dumps(data))
    return out


def run(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=False)


def test_pictures_are_found_where_the_results_record_them(scored, tmp_path):
    out = tmp_path / "report.html"
    done = run(scored, "--out", out)
    assert done.exception is None
    assert done.stderr == ""
    assert done.stdout.startswith(f"{out}: ")
    text = out.read_text(encoding="utf-8")
    assert text.count("<img ") == 6 * 4
    assert "salbench evaluate" in text


def test_given_folders_count_more_than_recorded_ones(scored, folder_set, tmp_path):
    data = json.loads(scored.read_text())
    data["made"]["command"][2] = "gone"
    data["made"]["command"][6] = "gone too"
    scored.write_text(json.dumps(data))
    out = tmp_path / "report.html"
    bare = run(scored, "--out", out)
    assert "no pictures. Add --root DIR and --maps DIR" in bare.stderr
    assert "<img " not in out.read_text(encoding="utf-8")
    full = run(
        *(scored, "--root", folder_set.root, "--maps", folder_set.maps, "--out", out, "--force")
    )
    assert full.exception is None
    assert out.read_text(encoding="utf-8").count("<img ") == 6 * 4


def test_results_that_record_no_command_need_the_folders(scored, folder_set, tmp_path):
    data = json.loads(scored.read_text())
    del data["made"]["command"]
    scored.write_text(json.dumps(data))
    out = tmp_path / "report.html"
    assert "no pictures" in run(scored, "--out", out).stderr
    run(scored, "--root", folder_set.root, "--maps", folder_set.maps, "--out", out, "--force")
    assert "<img " in out.read_text(encoding="utf-8")


def test_two_models_and_tables(scored, tmp_path):
    other = tmp_path / "other.json"
    other.write_text(scored.read_text())
    page = tmp_path / "r.html"
    assert run(scored, "--compare", other, "--out", page).exception is None
    assert "good and other on folder" in page.read_text(encoding="utf-8")
    table = tmp_path / "r.tex"
    done = run(scored, "--compare", other, "--format", "latex", "--out", table)
    assert done.stderr == ""
    assert r"\textbf{" in table.read_text(encoding="utf-8")


def test_refusals(scored, folder_set, make_folder_set, tmp_path):
    page = tmp_path / "r.html"
    missing = run(tmp_path / "no.json", "--out", page).exception
    assert isinstance(missing, ConfigError)
    page.write_text("mine")
    kept = run(scored, "--out", page).exception
    assert isinstance(kept, ConfigError)
    assert "--force" in str(kept)
    assert page.read_text() == "mine"
    wrong = make_folder_set(tmp_path / "wrong", seed=3)
    refused = run(
        *(scored, "--root", wrong.root, "--maps", folder_set.maps, "--out", page, "--force")
    ).exception
    assert isinstance(refused, ResultsError)
    assert "not the one that was scored" in str(refused)
