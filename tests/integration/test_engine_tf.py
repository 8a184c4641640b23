"""The tf engine against the reference, on logical CPU devices and on two processes."""

import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark_kit.scoring.scorer import Scorer
from benchmark_kit.scoring.worker import score_task
from benchmark_kit.types import Row

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).with_name("engine_tf_run.py")
ROOT = Path(__file__).parents[2]
RUN = runpy.run_path(str(SCRIPT))
EXACT = ("auc", "sauc", "auc@tuebingen", "sauc@tuebingen")


def start(folder, options, worker=None, ports=()):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
    environment.pop("TF_CONFIG", None)
    if worker is not None:
        cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
        config = {"cluster": cluster, "task": {"type": "worker", "index": worker}}
        environment["TF_CONFIG"] = json.dumps(config)
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder), json.dumps(options)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process, timeout=600):
    out, err = process.communicate(timeout=timeout)
    assert process.returncode == 0, err[-3000:]
    said = json.loads(out.splitlines()[-1])
    return {**said, "stderr": err[-3000:]}


def run(folder, options):
    return finish(start(folder, options))


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def reference(folder, options):
    """Rows of the reference, computed here, one image at a time."""
    folder.mkdir(exist_ok=True)
    flags = {key: options.get(key, False) for key in ("shipped", "log_density", "negative")}
    truths, tasks = RUN["make_set"](folder, **flags)
    scorer = Scorer(RUN["plan_of"](truths, options))
    return [score_task(scorer, task) for task in tasks]


def assert_same_rows(found, expected, tolerance=1e-9):
    assert [row["name"] for row in found] == [row.name for row in expected]
    for row, other in zip(found, expected, strict=True):
        assert isinstance(other, Row)
        assert row["fixations"] == other.fixations
        assert tuple(row["flags"]) == other.flags, row["name"]
        assert row["facts"] == dict(other.facts), row["name"]
        assert list(row["values"]) == list(other.values)
        for key, value in other.values.items():
            if key in EXACT or value is None:
                assert row["values"][key] == value, (row["name"], key)
            else:
                assert row["values"][key] == pytest.approx(value, rel=tolerance, abs=tolerance), key


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return reference(tmp_path_factory.mktemp("reference"), {})


@pytest.mark.parametrize(
    ("strategy", "devices", "batch"),
    [("one", 1, None), ("mirrored", 1, 3), ("mirrored", 2, 4), ("mirrored", 3, 2)],
)
def test_rows_equal_the_reference(tmp_path, expected, strategy, devices, batch):
    options = {"strategy": strategy, "devices": devices, "batch": batch}
    said = run(tmp_path / "set", options)
    assert_same_rows(said["rows"], expected)
    reported = [name for block in said["blocks"] for name in block]
    assert sorted(reported) == [row.name for row in expected], "each image exactly once"
    assert said["notes"] == [
        "engine tf: the process pool scores auc_judd@mit, auc_borji@mit, sauc@mit"
    ]


def test_a_strategy_object_and_columns_of_the_device_alone(tmp_path):
    options = {"metrics": ["auc", "sauc", "nss", "ig", "cc", "kl@mit", "sim@mit"], "shipped": True}
    options["dialects"] = ["tuebingen"]
    said = run(tmp_path / "set", {**options, "strategy": "", "devices": 2, "as_object": True})
    assert_same_rows(said["rows"], reference(tmp_path / "reference", options))
    assert said["notes"] == []


def test_log_densities(tmp_path):
    options = {"dialects": ["tuebingen"], "log_density": True}
    said = run(tmp_path / "set", {**options, "strategy": "mirrored", "devices": 2, "batch": 3})
    expected = reference(tmp_path / "reference", options)
    assert_same_rows(said["rows"], expected)
    assert "ig" in expected[0].values


def test_salicon_dialects_share_the_work_with_the_pool(tmp_path):
    options = {"dialects": ["salicon2017", "salicon2015"], "shipped": True}
    said = run(tmp_path / "set", {**options, "strategy": "one"})
    assert_same_rows(said["rows"], reference(tmp_path / "reference", options))


def test_unusable_maps_are_listed_together_as_the_pool_lists_them(tmp_path):
    options = {"negative": True, "strategy": "one", "dialects": ["mit"], "metrics": ["nss", "kl"]}
    said = run(tmp_path / "set", options)
    assert said["error"] == "InputError"
    assert "3 of 20 maps cannot be scored" in said["text"]
    for code, name in (("E308", "g/05"), ("E301", "g/06"), ("E304", "g/07")):
        assert any(code in line and name in line for line in said["text"].splitlines()), code


def test_a_device_without_float64_agrees_to_1e_4_and_says_so(tmp_path, expected):
    options = {
        "strategy": "one",
        "float32": True,
        "dialects": ["tuebingen"],
        "metrics": ["nss", "cc"],
    }
    said = run(tmp_path / "set", options)
    for row, other in zip(said["rows"], expected, strict=True):
        for key in ("nss", "cc"):
            value = other.values[key]
            close = value if value is None else pytest.approx(value, rel=1e-4, abs=1e-4)
            assert row["values"][key] == close
    assert "no float64" in said["notes"][0]


def test_a_predictor_scores_without_maps(tmp_path):
    import numpy as np

    from benchmark_kit.imaging.images import read_stimulus
    from benchmark_kit.maps.sources import ArrayReference
    from benchmark_kit.scoring.worker import Task

    options = {"metrics": ["auc", "sauc", "nss", "cc", "auc_borji@mit"], "dialects": ["tuebingen"]}
    said = run(
        tmp_path / "set", {**options, "strategy": "mirrored", "devices": 2, "predictor": True}
    )
    (tmp_path / "reference").mkdir()
    truths, _ = RUN["make_set"](tmp_path / "reference")
    scorer = Scorer(RUN["plan_of"](truths, options))
    for row, truth in zip(said["rows"], truths, strict=True):
        values = read_stimulus(truth.stimulus).astype(np.float32).sum(axis=-1)
        other = score_task(scorer, Task(truth, ArrayReference(values)))
        for key, value in other.values.items():
            close = value if value is None else pytest.approx(value, rel=1e-9)
            assert row["values"][key] == close, (truth.name, key)
        assert tuple(row["flags"]) == other.flags


def test_two_workers_share_the_work_and_the_chief_reports(tmp_path, expected):
    ports = free_ports(2)
    options = {"strategy": "multiworker", "batch": 3}
    other = start(tmp_path / "b", options, 1, ports)
    chief = start(tmp_path / "a", options, 0, ports)
    said, also = finish(chief), finish(other)
    assert said["chief"], said
    assert not also["chief"]
    assert_same_rows(said["rows"], expected)
    assert also["blocks"] == []
    assert len(also["rows"]) == len(expected)


def test_a_resuming_chief_decides_what_is_scored(tmp_path, expected):
    ports = free_ports(2)
    done = [row.name for row in expected[:13]]
    options = {"strategy": "multiworker", "dialects": ["tuebingen"], "metrics": ["auc", "nss"]}
    other = start(tmp_path / "b", options, 1, ports)
    chief = start(tmp_path / "a", {**options, "skip": done}, 0, ports)
    said, _ = finish(chief), finish(other)
    assert [row["name"] for row in said["rows"]] == [row.name for row in expected[13:]]


def test_workers_with_other_data_are_refused_on_every_worker(tmp_path):
    ports = free_ports(2)
    options = {"strategy": "multiworker", "dialects": ["tuebingen"], "metrics": ["nss"]}
    other = start(tmp_path / "b", {**options, "skip": ["g/00"]}, 1, ports)
    chief = start(tmp_path / "a", options, 0, ports)
    for said in (finish(chief), finish(other)):
        assert said["error"] == "ConfigError"
        assert "worker 1 does not have all images" in said["text"]


def test_a_killed_worker_ends_the_run_and_a_resumed_one_completes_it(tmp_path, expected):
    options = {
        "strategy": "multiworker",
        "dialects": ["tuebingen"],
        "metrics": ["auc", "nss"],
        "batch": 1,
        "timeout": 20,
    }
    ports = free_ports(2)
    other = start(tmp_path / "b", {**options, "die_at_image": 8}, 1, ports)
    chief = start(tmp_path / "a", options, 0, ports)
    said = finish(chief)
    assert other.wait(60) == 17
    other.communicate()
    assert said["error"] == "RunFailed"
    assert "a worker of the cluster died" in said["text"]
    assert "--resume" in said["text"]
    kept = [name for block in said["blocks"] for name in block]
    assert 0 < len(kept) < len(expected)
    ports = free_ports(2)
    other = start(tmp_path / "b", options, 1, ports)
    chief = start(tmp_path / "a", {**options, "skip": kept}, 0, ports)
    resumed, _ = finish(chief), finish(other)
    rest = [row for row in expected if row.name not in kept]
    assert [row["name"] for row in resumed["rows"]] == [row.name for row in rest]
    for row, one in zip(resumed["rows"], rest, strict=True):
        assert row["values"]["auc"] == one.values["auc"]


def test_a_worker_that_hangs_ends_the_run_after_the_timeout(tmp_path):
    ports = free_ports(2)
    options = {
        "strategy": "multiworker",
        "metrics": ["nss"],
        "dialects": ["tuebingen"],
        "timeout": 6,
    }
    other = start(tmp_path / "b", {**options, "hang": True}, 1, ports)
    chief = start(tmp_path / "a", options, 0, ports)
    try:
        said = finish(chief)
    finally:
        other.send_signal(signal.SIGKILL)
        other.communicate()
    assert said["error"] == "RunFailed"
    assert "stopped answering" in said["text"]


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ("", "needs TF_CONFIG"),
        ("{", "not JSON"),
        ('{"cluster": {"worker": ["a:1"]}}', "needs TF_CONFIG"),
    ],
)
def test_a_cluster_must_be_named(monkeypatch, config, part):
    from benchmark_kit.errors import ConfigError
    from benchmark_kit.strategy import open_strategy

    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(ConfigError, match=part):
        open_strategy("multiworker", 1.0)


def test_unknown_strategies_are_refused():
    from benchmark_kit.errors import ConfigError
    from benchmark_kit.strategy import open_strategy

    with pytest.raises(ConfigError, match="one, mirrored, multiworker"):
        open_strategy("two", 1.0)


@pytest.mark.parametrize("dialect", ["tuebingen", "mit", "salicon2017"])
def test_what_is_undefined_is_missing_for_the_same_reason_in_both_engines(dialect):
    """One image with fixations: no negatives, and a baseline that is constant."""
    import numpy as np

    from benchmark_kit import evaluate
    from benchmark_kit.types import Fixations, GroundTruth, Truths

    rng, size = np.random.default_rng(0), (20, 30)
    points = Fixations(np.array([4.0, 20.0]), np.array([5.0, 9.0]), size)
    images = (
        GroundTruth("a", size, points),
        GroundTruth("b", size, points.select(np.zeros(2, bool))),
    )
    maps = {"a": rng.random(size), "b": rng.random(size)}
    options = {"dialect": dialect, "metrics": "ig,sauc,nss,cc", "workers": 1, "bootstrap": 0}
    pool, tf = (
        evaluate(maps, Truths("made", images), engine=engine, **options).data
        for engine in ("pool", "tf")
    )
    assert [row["flags"] for row in tf["images"]] == [row["flags"] for row in pool["images"]]
    assert any("no negatives" in flag for flag in tf["images"][0]["flags"])
    for key, entry in pool["metrics"].items():
        assert tf["metrics"][key]["missing"] == entry["missing"]
        assert tf["metrics"][key]["value"] == pytest.approx(entry["value"], abs=1e-9)


@pytest.mark.parametrize("kind", ["NaN", "blank"])
def test_a_broken_shipped_density_is_refused_by_both_engines(folder_set, kind):
    import numpy as np

    from benchmark_kit import evaluate
    from benchmark_kit.errors import InputError

    for truth in folder_set.truths():
        path = folder_set.root / "densities" / f"{truth.name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.random.default_rng(0).random(truth.size))
    np.save(path, np.load(path) * (np.nan if kind == "NaN" else 0))
    options = {"root": folder_set.root, "metrics": "cc", "workers": 1, "cache": False}
    said = []
    for engine in ("pool", "tf"):
        with pytest.raises(InputError) as caught:
            evaluate(folder_set.maps, "folder", engine=engine, **options)
        said.append([(problem.code, problem.where) for problem in caught.value.problems])
    assert said == [[("E702", (str(path),))]] * 2


@pytest.mark.parametrize("scale", [1e-250, 1e250])
def test_maps_of_any_size_score_alike_in_both_engines(scale):
    import numpy as np

    from benchmark_kit import evaluate
    from benchmark_kit.types import Fixations, GroundTruth, Truths

    rng, size = np.random.default_rng(0), (20, 30)
    images = [
        GroundTruth(name, size, Fixations(30 * rng.random(9), 20 * rng.random(9), size))
        for name in "ab"
    ]
    maps = {name: scale * (1 + rng.random(size)) for name in "ab"}
    maps["b"] = 1e9 + rng.integers(0, 99, size).astype(float)
    options = {"dialect": "tuebingen", "workers": 1, "bootstrap": 0}
    pool, tf = (
        evaluate(maps, Truths("made", tuple(images)), engine=engine, **options).data
        for engine in ("pool", "tf")
    )
    for key, entry in pool["metrics"].items():
        assert entry["n"] == 2, key
        assert tf["metrics"][key]["value"] == pytest.approx(entry["value"], abs=1e-9), key
