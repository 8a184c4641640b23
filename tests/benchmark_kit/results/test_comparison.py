"""Models are compared image by image; differences, tests, wins and rankings."""

import json

import numpy as np
import pytest
import scipy.stats

from benchmark_kit.errors import ConfigError, ResultsError
from benchmark_kit.results.comparison import compare
from benchmark_kit.results.statistics import bootstrap_intervals, holm


def test_a_difference_is_second_minus_first_with_the_shared_bootstrap(made, noisy):
    a, b = noisy(0), noisy(1, shift=0.2)
    found = compare(made(a), made(b), resamples=300)
    for key in ("nss", "kl"):
        differences = np.subtract(b[key], a[key])
        pair = found.pair(key)
        assert pair["difference"] == pytest.approx(differences.mean(), abs=1e-14)
        low, high = bootstrap_intervals(differences[:, None], resamples=300)
        assert (pair["low"], pair["high"]) == pytest.approx((low[0], high[0]), abs=1e-12)
        assert pair["p"] == pytest.approx(scipy.stats.ttest_rel(a[key], b[key]).pvalue, abs=0.02)
        assert found.metrics[key]["n"] == 40


def test_lower_is_better_for_kl(made, noisy):
    a, b = noisy(0), noisy(1, shift=0.4)
    found = compare(made(a), made(b), labels=["old", "new"])
    assert found.pair("nss")["difference"] > 0 > found.pair("kl")["difference"]
    assert [found.pair(key)["better"] for key in ("nss", "kl")] == ["new", "new"]
    share = np.mean(np.array(b["kl"]) < np.array(a["kl"]))
    assert found.pair("kl")["won"] == pytest.approx(share)
    assert found.metrics["kl"]["ranking"] == [1, 0]


def test_ties_count_half_and_are_told_apart_by_nobody(made):
    a = {"nss": [1.0, 2.0, 3.0, 4.0]}
    pair = compare(made(a), made({"nss": [1.0, 2.0, 4.0, 3.0]})).pair("nss")
    assert (pair["won"], pair["p"], pair["better"]) == (0.5, 1.0, None)
    same = compare(made(a), made(a)).pair("nss")
    assert (same["difference"], same["low"], same["high"]) == (0, 0, 0)
    assert (same["won"], same["p"]) == (0.5, 1.0)


def test_one_image_has_a_difference_and_no_interval(made):
    pair = compare(made({"nss": [1.0]}), made({"nss": [1.5]})).pair("nss")
    assert (pair["difference"], pair["p"], pair["better"]) == (0.5, 1.0, None)
    assert (pair["low"], pair["high"]) == (None, None)


def test_images_without_a_value_in_one_of_them_are_left_out_of_that_metric(made):
    a = {"nss": [1.0, None, 3.0, 5.0], "kl": [1.0, 1.0, 1.0, 1.0]}
    b = {"nss": [2.0, 9.0, None, 5.0], "kl": [2.0, 2.0, 2.0, 2.0]}
    found = compare(made(a), made(b))
    assert found.metrics["nss"]["n"] == 2
    assert found.metrics["nss"]["values"] == [3.0, 3.5]
    assert found.pair("nss")["difference"] == 0.5
    assert found.metrics["kl"]["n"] == 4
    none = compare(made({"nss": [None, None]}), made({"nss": [1.0, 2.0]}))
    assert none.pair("nss")["p"] is None
    assert none.metrics["nss"]["ranking"] == []
    assert "not told apart" in str(none)


def test_images_are_matched_by_name_and_the_others_are_named(made):
    a = made({"nss": [1.0, 2.0, 3.0]}, names=["x", "y", "z"])
    b = made({"nss": [30.0, 10.0, 7.0]}, names=["z", "x", "w"])
    found = compare(a, b, labels=["first", "second"])
    assert found.data["images"] == {"compared": 2, "left_out": {"first": ["y"], "second": ["w"]}}
    assert found.pair("nss")["difference"] == pytest.approx((9 + 27) / 2)
    assert "left out, not in all results: 1 of first (y); 1 of second (w)" in str(found)
    with pytest.raises(ResultsError, match="no image in common"):
        compare(a, made({"nss": [1.0]}, names=["q"]))


def test_holm_runs_over_every_test_of_the_comparison(made, noisy):
    parts = [made(noisy(seed, shift=0.15 * seed)) for seed in range(3)]
    found = compare(*parts, permutations=2000)
    pairs = [pair for column in found.metrics.values() for pair in column["pairs"]]
    assert len(pairs) == 6
    expected = holm(np.array([pair["p"] for pair in pairs]))
    assert [pair["p_holm"] for pair in pairs] == pytest.approx(list(expected))
    for pair in pairs:
        assert (pair["better"] is not None) == (pair["p_holm"] <= 0.05)


def test_three_models_are_ranked_in_groups_that_cannot_be_told_apart(made, noisy):
    base = noisy(0, images=60)
    near = {key: [v + 1e-6 * (-1) ** k for k, v in enumerate(base[key])] for key in base}
    best = noisy(5, images=60, shift=0.8)
    found = compare(made(near), made(best), made(base))
    for key in ("nss", "kl"):
        column = found.metrics[key]
        assert column["ranking"][0] == 1
        assert sorted(map(sorted, column["alike"])) == [[0, 2], [1]]
    text = str(found)
    assert "models that share a letter" in text
    assert text.count("not told apart") == 2


def test_categories_have_their_own_differences(made):
    a = {"nss": [1.0, 2.0, 3.0, 4.0]}
    b = {"nss": [2.0, 2.0, 5.0, 4.5]}
    kinds = ["in", "out", "in", "out"]
    pair = compare(made(a, categories=kinds), made(b, categories=kinds)).pair("nss")
    assert {
        name: (entry["difference"], entry["n"]) for name, entry in pair["category"].items()
    } == {
        "in": (1.5, 2),
        "out": (0.25, 2),
    }
    assert pair["category"]["in"]["low"] == 1.0


def test_a_category_leaves_out_images_without_a_value(made):
    kinds = ["in", "in", "out"]
    a = made({"nss": [1.0, None, None]}, categories=kinds)
    pair = compare(a, made({"nss": [2.0, 9.0, 9.0]}, categories=kinds)).pair("nss")
    assert pair["category"]["in"] == {"difference": 1.0, "low": None, "high": None, "n": 1}
    assert pair["category"]["out"] == {"difference": None, "low": None, "high": None, "n": 0}


def test_wrong_requests_say_what_is_there(made, noisy):
    a = made(noisy(0))
    with pytest.raises(ConfigError, match="two or more results, got 1"):
        compare(a)
    with pytest.raises(ConfigError, match="not scored in all results: cc; all have nss, kl"):
        compare(a, a, metrics="nss,cc")
    with pytest.raises(ConfigError, match="level must be between"):
        compare(a, a, level=95)
    with pytest.raises(ConfigError, match="2 different names"):
        compare(a, a, labels=["x", "x"])
    with pytest.raises(ConfigError, match="permutations must be 1 or more"):
        compare(a, a, permutations=0)


def test_the_file_holds_no_nan_and_repeats_byte_by_byte(made, tmp_path):
    parts = made({"nss": [None, 1.0]}), made({"nss": [2.0, None]})
    compare(*parts).save(tmp_path / "c.json")
    text = (tmp_path / "c.json").read_text()
    assert "NaN" not in text
    assert json.loads(text)["metrics"]["nss"]["n"] == 0
    assert text == compare(*parts).to_json()
