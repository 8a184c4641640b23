"""Rows become a record: means, groups, yardsticks, negatives, warnings and provenance."""

import json
import sys

import numpy as np
import pytest

from benchmark_kit.maps.check import check_maps
from benchmark_kit.maps.sources import open_maps
from benchmark_kit.results.evaluation import frame_of, make_results, provenance
from benchmark_kit.scoring.plan import make_plan
from benchmark_kit.scoring.scorer import Scorer
from benchmark_kit.scoring.worker import Task, score_task
from benchmark_kit.scoring.yardsticks import Yardstick
from benchmark_kit.types import Fixations, GroundTruth, Truths

SIZE = (16, 20)
METRICS = ["nss@mit", "kl", "sauc", "ig"]


def data_set(images=7):
    """Images out of alphabetical order in two categories; `e` was never looked at."""
    truths = []
    for k, name in enumerate("gabfced"[:images]):
        rng = np.random.default_rng(k)
        n = 0 if name == "e" else 9
        points = Fixations(rng.uniform(0, 20, n), rng.uniform(0, 16, n), SIZE)
        category = ("in", "out", None)[k % 3]
        truths.append(GroundTruth(name, SIZE, points, category=category))
    return Truths("made", tuple(truths), dropped={"outside": 2}, notes=("read so",))


def arrays(truths):
    """A map an image; that of `b` is constant and has no NSS in mit."""
    rng = np.random.default_rng(1)
    maps = {name: rng.random(SIZE) for name in truths.names}
    return {**maps, "b": np.ones(SIZE)}


def record(truths=None, names=None, kinds=(), resamples=200, drop=(), **options):
    truths = truths or data_set()
    given = {name: a for name, a in arrays(truths).items() if name in (names or truths.names)}
    plan = make_plan(truths, ["tuebingen"], METRICS, **options)
    checked = check_maps(open_maps(given), truths, partial=True)
    scorer = Scorer(plan)
    tasks = [Task(truths[name], checked.references[name]) for name in checked.names]
    looked = [truths[n] for n in checked.names if len(truths[n].fixations)]
    tasks += [Task(truth, Yardstick(kind, 3.0)) for kind in kinds for truth in looked]
    rows = {task.name: score_task(scorer, task) for task in tasks if task.name not in drop}
    frame = frame_of(
        plan,
        truths,
        checked,
        resamples=resamples,
        level=0.9,
        yardsticks=bool(kinds),
        notes=["a note"],
    )
    return make_results(frame, rows).data, rows


def column(rows, key):
    return [row.values[key] for row in rows if row.values[key] is not None]


def test_a_column_is_the_mean_over_images_that_have_a_value():
    data, rows = record()
    for key, entry in data["metrics"].items():
        values = column(rows.values(), key)
        assert entry["value"] == pytest.approx(np.mean(values), rel=1e-14)
        assert entry["n"] == len(values)
        assert entry["excluded"] == 6 - len(values)
        assert entry["low"] < entry["value"] < entry["high"]
        assert entry["average"] == "image"
    assert (data["metrics"]["nss@mit"]["n"], data["metrics"]["kl"]["n"]) == (5, 6)


def test_what_a_column_is_stands_beside_its_value():
    data, _ = record()
    entries = data["metrics"]
    assert list(entries) == ["nss@mit", "kl", "sauc", "ig_map"]
    assert [entry["label"] for entry in entries.values()] == ["NSS", "KL", "sAUC", "IG (map)"]
    assert [entry["dialect"] for entry in entries.values()] == ["mit", *["tuebingen"] * 3]
    assert [entry["better"] for entry in entries.values()] == [
        "higher",
        "lower",
        "higher",
        "higher",
    ]
    assert data["variants"] == {
        "nss@mit": "nss@mit",
        "kl": "kl@tuebingen",
        "sauc": "sauc@tuebingen",
        "ig_map": "ig@tuebingen",
    }
    assert data["dialect"] == "mit,tuebingen"


def test_images_come_in_the_data_sets_order_with_values_and_flags():
    data, rows = record()
    assert [image["name"] for image in data["images"]] == list("gabfced")
    for image in data["images"]:
        row = rows[image["name"]]
        assert {key: image[key] for key in row.values} == dict(row.values)
        assert (image["fixations"], tuple(image["flags"])) == (row.fixations, row.flags)
    flags = {image["name"]: image["flags"] for image in data["images"]}
    assert flags["b"] == ["constant map", "not defined: nss@mit"]
    assert flags["e"] == ["no fixations"]


def test_the_block_of_the_data_set():
    truths = data_set()
    data, _ = record(truths, names="gabec")
    assert data["dataset"] == {
        **truths.describe(),
        "scored": 4,
        "without_fixations": ["e"],
        "missing_maps": ["f", "d"],
        "density": {
            "tuebingen": "counts, Gaussian sigma 24/1024 of the longer side, border reflect, "
            "truncate 4"
        },
        "notes": ["read so", "a note"],
    }
    assert data["dataset"]["dropped"] == {"outside": 2}


def test_groups_are_means_over_their_images_and_leave_out_those_of_none():
    data, rows = record()
    truths = data_set()
    groups = data["groups"]["category"]
    assert list(groups) == ["in", "out"]
    for category, columns in groups.items():
        mine = [r for r in rows.values() if truths[r.name].category == category and r.fixations]
        for key, entry in columns.items():
            values = column(mine, key)
            assert entry == {"value": pytest.approx(np.mean(values)), "n": len(values)}


def test_yardsticks_are_means_over_the_same_images():
    data, rows = record(kinds=("chance",))
    marks = data["yardsticks"]
    assert list(marks) == ["chance"]
    mine = [row for name, row in rows.items() if name.startswith("yardstick:chance/")]
    assert len(mine) == 6
    for key, entry in marks["chance"].items():
        assert entry == {"value": pytest.approx(np.mean(column(mine, key))), "n": 6}
    assert record()[0]["yardsticks"] == {}


def test_yardsticks_without_a_value_are_null():
    data, _ = record(kinds=("one_human",))
    assert data["yardsticks"]["one_human"]["kl"] == {"value": None, "n": 0}


def test_negatives_name_their_images_where_not_all_of_them_are_scored():
    assert record()[0]["negatives"] == {"sauc": {"images": 6, "from": "the images that are scored"}}
    part, _ = record(names="ab")
    assert part["negatives"] == {"sauc": {"images": 6, "from": list("gabfcd")}}


def test_warnings_are_plain_data_with_five_examples():
    data, _ = record(names="b")
    found = {warning["code"]: warning for warning in data["warnings"]}
    assert set(found) == {"W102", "W202", "W701", "W702"}
    assert found["W102"]["count"] == 6
    assert found["W102"]["examples"] == list("gafce")
    assert found["W202"] == {
        "code": "W202",
        "count": 1,
        "examples": ["b"],
        "text": "maps are constant; how they are scored follows the dialect",
        "fix": "check the model's output",
    }


def test_the_block_of_the_maps():
    data, _ = record()
    assert data["maps"] == {
        "source": "arrays",
        "count": 7,
        "fingerprint": data["maps"]["fingerprint"],
        "stored_as": "float64 array",
        "resized": None,
        "transposed": 0,
        "kind": "maps",
    }
    other = data_set()
    assert record(other)[0]["maps"]["fingerprint"] == data["maps"]["fingerprint"]
    assert record(names="gabfce")[0]["maps"]["fingerprint"] != data["maps"]["fingerprint"]


def test_intervals_follow_the_seed_and_are_left_out_on_request():
    bounds = [
        [(entry["low"], entry["high"]) for entry in record(seed=seed)[0]["metrics"].values()]
        for seed in (0, 0, 1)
    ]
    assert bounds[0] == bounds[1] != bounds[2]
    data, _ = record(resamples=0)
    assert all(entry["low"] is entry["high"] is None for entry in data["metrics"].values())
    assert data["bootstrap"] == {"n": 0, "level": 0.9}
    one, _ = record(names="a")
    assert one["metrics"]["kl"]["low"] is None
    assert one["metrics"]["kl"]["value"] is not None


def test_rows_that_another_machine_has_are_left_out():
    data, rows = record(drop=("a", "f"))
    assert [image["name"] for image in data["images"]] == list("gbced")
    assert data["dataset"]["scored"] == 4
    assert data["metrics"]["kl"]["value"] == pytest.approx(np.mean(column(rows.values(), "kl")))


def test_the_record_is_json_without_nan_and_does_not_hold_the_block_made():
    data, _ = record(kinds=("chance", "one_human"))
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert "made" not in data
    assert (data["schema"], data["kind"], data["seed"]) == (1, "evaluation", 0)


def test_provenance_says_by_what_and_when():
    made = provenance("pool", 3, 1.23456, [], reproducible=False)
    assert set(made) == {"software", "numbers_version", "engine", "utc", "seconds", "workers"}
    assert set(made["software"]) == {"keras-saliency", "numpy", "python", "decoder"}
    assert (made["engine"], made["workers"], made["seconds"]) == ("pool", 3, 1.23)
    assert made["utc"].endswith("Z")


def test_reproducible_provenance_is_the_same_twice():
    made = provenance("tf", 3, 1.2, ["said"], reproducible=True)
    assert set(made) == {"software", "numbers_version", "engine", "notes"}
    assert made == provenance("tf", 1, 99.0, ["said"], reproducible=True)


def test_the_command_is_kept_only_if_it_was_salbench(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/usr/bin/salbench", "evaluate", "maps"])
    made = provenance("pool", 1, 0.0, [], reproducible=False)
    assert made["command"] == ["salbench", "evaluate", "maps"]
    assert "command" not in provenance("pool", 1, 0.0, [], reproducible=True)
    monkeypatch.setattr(sys, "argv", ["my_script.py", "secret"])
    assert "command" not in provenance("pool", 1, 0.0, [], reproducible=False)
