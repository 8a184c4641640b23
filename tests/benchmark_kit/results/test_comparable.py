"""Results are compared only where their numbers differ because of the maps alone."""

import json

import pytest

from benchmark_kit.errors import ConfigError, ResultsError
from benchmark_kit.results.comparison import compare
from benchmark_kit.results.record import SCHEMA


@pytest.mark.parametrize(
    ("path", "to", "said"),
    [
        (("dataset", "name"), "other", "data set: A: made, B: other"),
        (("dataset", "edition"), "2017", "edition: A: None, B: 2017"),
        (("dataset", "split"), "test", "split: A: val, B: test"),
        (("dataset", "points"), "mouse", "points: A: fixations, B: mouse"),
        (("dataset", "fingerprint"), "sha256:ff", "ground truth"),
        (("made", "numbers_version"), 2, "version of numbers: A: 1, B: 2"),
        (("variants", "nss"), "nss@mit", "dialect of nss: A: nss@tuebingen, B: nss@mit"),
        (("dataset", "density", "tuebingen"), "19 px", "density behind kl"),
    ],
)
def test_results_that_differ_otherwise_are_refused(made, noisy, changed, path, to, said):
    a = made(noisy(0))
    with pytest.raises(ResultsError, match="cannot be compared") as caught:
        compare(a, changed(a, *path, to=to))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("key", "path", "to", "said"),
    [
        ("ig_map", ("ig_baseline",), "uniform", "baseline of ig_map: A: centre bias, B: uniform"),
        ("sauc", ("negatives", "sauc", "images"), 9, "negatives of sauc: A: 3, B: 9"),
    ],
)
def test_what_a_metric_rests_on_must_be_equal(made, changed, key, path, to, said):
    a = made({"nss": [1.0, 2.0, 3.0], key: [1.0, 2.0, 3.0]})
    b = changed(a, *path, to=to)
    with pytest.raises(ResultsError, match="cannot be compared") as caught:
        compare(a, b)
    assert said in str(caught.value)
    assert compare(a, b, metrics="nss").pair("nss")["difference"] == 0


def test_all_differences_are_told_at_once(made, noisy, changed):
    a = made(noisy(0))
    b = changed(changed(a, "dataset", "split", to="test"), "made", "numbers_version", to=2)
    with pytest.raises(ResultsError) as caught:
        compare(a, b)
    assert "split" in str(caught.value)
    assert "version of numbers" in str(caught.value)


def test_a_density_matters_only_to_metrics_that_use_it(made, noisy, changed):
    a = made(noisy(0))
    b = changed(a, "dataset", "density", "tuebingen", to="19 px")
    assert compare(a, b, metrics="nss").pair("nss")["difference"] == 0


def test_rows_that_do_not_give_the_means_are_refused(made, noisy, changed):
    a = made(noisy(0))
    edited = changed(a, "metrics", "nss", "value", to=a.value("nss") + 0.001)
    with pytest.raises(ResultsError, match="B: its rows do not give the stored means of nss"):
        compare(a, edited)
    dropped = changed(a, "images", to=a.images[:-1])
    with pytest.raises(ResultsError, match="means of nss, kl"):
        compare(a, dropped)


def test_files_that_are_no_evaluation_are_refused(made, noisy, tmp_path):
    a = made(noisy(0))
    good = tmp_path / "good.json"
    a.save(good)
    compared = compare(a, a)
    for name, text, said in [
        ("comparison.json", compared.to_json(), "holds a comparison"),
        ("cut.json", good.read_text()[:500], "no results file"),
        ("newer.json", json.dumps({**a.data, "schema": SCHEMA + 1}), "reads up to"),
        (
            "part.json",
            json.dumps({"schema": 1, "metrics": {}}),
            "made is missing; dataset is missing",
        ),
    ]:
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(ResultsError, match=said):
            compare(good, path)


def test_files_go_by_their_names_or_paths(made, noisy, tmp_path):
    a = made(noisy(0))
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        a.save(tmp_path / folder / "results.json")
    a.save(tmp_path / "other.json")
    x, y = tmp_path / "x" / "results.json", tmp_path / "y" / "results.json"
    assert compare(x, tmp_path / "other.json").labels == ["results", "other"]
    assert compare(x, y).labels == [str(x), str(y)]
    with pytest.raises(ConfigError, match="given twice"):
        compare(x, x)


def test_rows_that_are_there_twice_are_refused(made, noisy, changed):
    a = made(noisy(0))
    doubled = changed(a, "images", to=[*a.images, a.images[0]])
    with pytest.raises(ResultsError, match="B: 1 images have several rows"):
        compare(a, doubled)


@pytest.mark.parametrize(
    ("path", "to"),
    [(("images",), [{"nss": 1.0}]), (("images",), 3), (("metrics", "nss"), {}), (("metrics",), 7)],
)
def test_files_laid_out_otherwise_are_refused_without_a_traceback(made, noisy, changed, path, to):
    a = made(noisy(0))
    with pytest.raises(ResultsError, match=r"not laid out as docs/results\.md says"):
        compare(a, changed(a, *path, to=to))


@pytest.mark.parametrize("labels", [["x", "x"], ["x"], ["x", "y", "z"]])
def test_labels_are_as_many_as_the_results_and_different(made, noisy, labels):
    with pytest.raises(ConfigError, match="labels must be 2 different names"):
        compare(made(noisy(0)), made(noisy(1)), labels=labels)
