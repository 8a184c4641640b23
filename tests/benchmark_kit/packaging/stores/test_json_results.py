"""The JSON zip of SALICON 2015, read entry by entry."""

import base64
import io
import json
import pickle
import zipfile

import numpy as np
import pytest

from benchmark_kit.packaging.stores.json2015 import BrokenResults, iterate_entries
from benchmark_kit.packaging.submission import open_submission


def results(s, change=lambda split, entries: entries, compression=zipfile.ZIP_DEFLATED):
    path = s.root / "results.zip"
    with zipfile.ZipFile(path, "w", compression) as archive:
        for split in ("val", "test"):
            entries = [
                {
                    "image_id": int(name.rpartition("_")[2]),
                    "saliency_map": base64.b64encode(s.png(name)).decode(),
                }
                for name in s.names
                if f"_{split}" in name
            ]
            member = f"fixations_{split}2014_model_results.json"
            archive.writestr(member, json.dumps(change(split, entries)))
    return path


def test_maps_of_both_splits_by_image_name(stand_in):
    s = stand_in("salicon2015")
    submission = open_submission(results(s), s.board)
    assert set(submission.names) == set(s.names)
    again = pickle.loads(pickle.dumps(submission))
    for name in s.names:
        np.testing.assert_array_equal(again.load(name), s.maps[name])
    report = s.check(results(s))
    assert report.problems == ()
    assert {problem.code for problem in report.warnings} == {"W501"}


def test_the_temporary_file_goes_with_the_submission(stand_in):
    s = stand_in("salicon2015")
    submission = open_submission(results(s), s.board)
    store = submission.keep.path
    assert store.is_file()
    del submission
    assert not store.exists()


@pytest.mark.shared
def test_the_real_sample_is_read(shared):
    path = shared / "data/format_samples/salicon_json/results"
    with open(path / "fixations_train2014examples_fake_results.json", "rb") as file:
        entries = list(iterate_entries(file))
    assert [set(entry) for entry in entries] == [{"image_id", "saliency_map"}] * 2


class Slow(io.BytesIO):
    """Gives a few bytes at a time, as a compressed member may."""

    def read(self, size=-1):
        return super().read(3)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        ' [ {"a": 1} , {"a": "x}y"} ] ',
        '\ufeff[{"a": {"b": [1, 2]}},\n{"a": "ä\\"}"}]\n',
    ],
)
@pytest.mark.parametrize("kind", [io.BytesIO, Slow])
def test_entries_are_those_of_the_json_module(text, kind):
    expected = json.loads(text.removeprefix("\ufeff"))
    assert list(iterate_entries(kind(text.encode()))) == expected


@pytest.mark.parametrize(
    "text", ["", "{}", "null", '[{"a": 1}', '[{"a": 1}] x', "[1, 2]", '[{"a": }]', "[{"]
)
def test_what_is_no_list_of_objects(text):
    with pytest.raises(BrokenResults):
        list(iterate_entries(io.BytesIO(text.encode())))


def test_an_endless_entry_is_given_up(monkeypatch):
    monkeypatch.setattr("benchmark_kit.packaging.stores.json2015.LONGEST_ENTRY", 10**6)
    text = b'[{"saliency_map": "' + b"A" * (2 * 10**6)
    with pytest.raises(BrokenResults, match="absurd length"):
        list(iterate_entries(io.BytesIO(text)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda e: [{"saliency_map": ""}, *e[1:]], "without image_id and saliency_map"),
        (lambda e: [{"image_id": 3}, *e[1:]], "without image_id and saliency_map"),
        (lambda e: [{**e[0], "image_id": -1}, *e[1:]], "no whole number"),
        (lambda e: [{**e[0], "image_id": True}, *e[1:]], "no whole number"),
        (lambda e: [{**e[0], "image_id": 1.5}, *e[1:]], "no whole number"),
    ],
)
def test_entries_that_are_none_are_told(stand_in, change, said):
    s = stand_in("salicon2015")
    report = s.check(results(s, lambda split, entries: change(entries)))
    assert any(p.code == "E503" and said in p.found for p in report.problems), report.problems


def test_zero_is_an_id(stand_in):
    s = stand_in("salicon2015")
    report = s.check(results(s, lambda split, e: [{**e[0], "image_id": 0}, *e[1:]]))
    assert not any("no whole number" in p.found for p in report.problems)
