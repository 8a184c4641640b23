"""`salbench report`: where it finds pictures, its forms and its refusals."""

import json
import re

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
    assert done.stderr.startswith("drawing 12 steps\ndrawing done in ")
    assert "note" not in done.stderr
    assert run(scored, "--out", out, "--force", "-q").stderr == ""
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
    text = table.read_text(encoding="utf-8")
    assert r"\begin{tabular}" in text
    assert r"\textbf{" not in text  # the same maps


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


@pytest.fixture
def predicted(folder_set, tmp_path):
    """A results file of a model that predicted while it was scored."""
    out = tmp_path / "net.json"
    options = {"metrics": "nss,ig", "workers": 1, "out": out}
    evaluate(None, folder_set.truths(), model="spectral_residual", **options)
    data = json.loads(out.read_text())
    words = ["salbench", "evaluate", "--model", "spectral_residual", "--model", "other"]
    data["made"]["command"] = [*words, "--dataset", "folder", "--root", str(folder_set.root)]
    out.write_text(json.dumps(data))
    return out


def pictures_of(page):
    return page.read_text(encoding="utf-8").count("<img ")


def test_a_result_of_a_folder_stands_beside_one_of_a_model(scored, predicted, tmp_path):
    page = tmp_path / "r.html"
    done = run(scored, "--compare", predicted, "--out", page)
    assert done.exception is None
    assert "note" not in done.stderr
    assert pictures_of(page) == 6 * (1 + 2 * 3)


def test_maps_by_name_in_any_order(scored, predicted, folder_set, tmp_path):
    for path in (scored, predicted):  # nothing is recorded
        data = json.loads(path.read_text())
        del data["made"]["command"]
        path.write_text(json.dumps(data))
    page, root = tmp_path / "r.html", ("--root", folder_set.root)
    both = ("--maps", "net=spectral_residual", "--maps", f"good={folder_set.maps}")
    assert "note" not in run(scored, "--compare", predicted, *root, *both, "--out", page).stderr
    assert pictures_of(page) == 6 * (1 + 2 * 3)
    one = run(scored, "--compare", predicted, *root, *both[2:], "--out", page, "--force")
    assert "no pictures of net. Add --maps net=DIR" in one.stderr
    assert pictures_of(page) == 6 * (1 + 3)
    ordered = ("--maps", folder_set.maps, "--maps", "spectral_residual")
    run(scored, "--compare", predicted, *root, *ordered, "--out", page, "--force")
    assert pictures_of(page) == 6 * (1 + 2 * 3)


@pytest.mark.parametrize(
    ("maps", "said"),
    [
        (["other=x"], "no result of this name; there are good, net"),
        (["good=x"], "--maps x: no such folder or file of maps, and model x"),
        (["good=.", "good=."], "names the result good twice"),
        (["."], r"1 given for 2 results \(good, net\)"),
    ],
)
def test_maps_that_belong_to_no_result(scored, predicted, folder_set, tmp_path, maps, said):
    given = [word for text in maps for word in ("--maps", text)]
    page = tmp_path / "r.html"
    refused = run(scored, "--compare", predicted, *given, "--out", page).exception
    assert isinstance(refused, ConfigError)
    assert re.search(said, str(refused))
    assert not page.exists()


def test_a_model_that_is_no_longer_there_costs_its_pictures(scored, predicted, tmp_path):
    data = json.loads(predicted.read_text())
    data["made"]["command"][3] = "gone"
    data["maps"]["source"] = "model gone"
    predicted.write_text(json.dumps(data))
    page = tmp_path / "r.html"
    done = run(scored, "--compare", predicted, "--out", page)
    assert "note: net: model gone" in done.stderr
    assert pictures_of(page) == 6 * (1 + 3)


def test_other_maps_than_those_scored_are_refused(scored, predicted, tmp_path):
    page = tmp_path / "r.html"
    wrong = ("--maps", "good=spectral_residual")
    refused = run(scored, "--compare", predicted, *wrong, "--out", page).exception
    assert isinstance(refused, ResultsError)
    assert "not those that were scored" in str(refused)


def test_tables_of_columns_and_categories(scored, predicted, tmp_path):
    out = tmp_path / "t.tex"
    options = ("--format", "latex", "--metrics", "nss", "--by-category")
    done = run(scored, "--compare", predicted, *options, "--out", out)
    assert done.exception is None
    text = out.read_text(encoding="utf-8")
    assert text.count(r"\begin{tabular}") == 3  # models, categories, comparison
    assert r"indoor & 3 & " in text
    assert "ig" not in re.findall(r"% columns: (.*)", text)[0]
    assert "no column is named" in str(
        run(scored, "--metrics", " ,", "--format", "latex", "--out", tmp_path / "u.tex").exception
    )
    page = run(scored, "--by-category", "--out", tmp_path / "r.html").exception
    assert "--by-category is of --format latex" in str(page)


def test_maps_that_moved_keep_the_suffix_that_is_recorded(folder_set, tmp_path):
    maps, out = tmp_path / "moved", tmp_path / "good.json"
    for path in sorted(folder_set.maps.rglob("*.png")):
        copy = maps / path.relative_to(folder_set.maps).with_name(f"{path.stem}_sal.png")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    options = {"metrics": "nss,ig", "workers": 1, "out": out, "strip": "_sal"}
    evaluate(maps, folder_set.truths(), **options)
    data = json.loads(out.read_text())
    words = ["salbench", "evaluate", "gone", "--dataset", "folder", "--strip", "_sal"]
    data["made"]["command"] = [*words, "--root", str(folder_set.root)]
    out.write_text(json.dumps(data))
    page = tmp_path / "r.html"
    assert run(out, "--maps", maps, "--out", page).exception is None
    assert pictures_of(page) == 6 * 4
