import json

import pytest

import benchmark_kit
from benchmark_kit.errors import ResultsError
from benchmark_kit.results.record import group_means, load_results, load_results_of, summarise
from benchmark_kit.types import Row

ROWS = [Row("a", 3, {"nss": 1.0, "cc": None}), Row("b", 2, {"nss": 3.0, "cc": 0.5})]


def test_means_leave_missing_values_out_and_count_them():
    columns = {"nss": {"label": "NSS"}, "cc": {"label": "CC"}}
    summary = summarise(ROWS, columns, resamples=0, level=0.95, seed=0)
    assert (summary["nss"]["value"], summary["nss"]["n"], summary["nss"]["excluded"]) == (2.0, 2, 0)
    assert (summary["cc"]["value"], summary["cc"]["n"], summary["cc"]["excluded"]) == (0.5, 1, 1)
    assert summary["nss"]["low"] is None


def test_groups():
    groups = group_means(ROWS, {"a": "indoor", "b": None}, ["nss"])
    assert groups == {"indoor": {"nss": {"value": 1.0, "n": 1}}}


def test_save_load_and_unknown_keys_are_kept(folder_set, tmp_path):
    results = benchmark_kit.evaluate(folder_set.maps, folder_set.truths(), metrics="nss")
    path = tmp_path / "r.json"
    results.data["later"] = {"key": 1}
    results.save(path)
    again = load_results(path)
    assert again.data == results.data
    assert again.value("nss") == results.value("nss")
    assert "nss" in repr(again)


def test_a_file_is_taken_for_the_data_set_of_its_numbers_alone(folder_set, tmp_path):
    path, truths = tmp_path / "r.json", folder_set.truths()
    assert load_results_of(path, truths) is None
    benchmark_kit.evaluate(folder_set.maps, truths, metrics="nss", out=path)
    assert load_results_of(path, truths).data == load_results(path).data
    assert load_results_of(path, truths.subset(truths.names[1:])) is None


def test_files_that_are_no_results(tmp_path):
    path = tmp_path / "r.json"
    for text in ("", "[]", "{}", "not json"):
        path.write_text(text)
        with pytest.raises(ResultsError, match="no results file"):
            load_results(path)
    path.write_text(json.dumps({"schema": 99, "metrics": {}}))
    with pytest.raises(ResultsError, match="schema 99"):
        load_results(path)
