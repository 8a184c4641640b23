"""`salbench evaluate --engine tf` from the command line: notes, one writer, the pool's numbers."""

import json
import os
import socket
import subprocess
import sys

import pytest

from benchmark_kit import evaluate
from benchmark_kit.errors import ConfigError

METRICS = "auc,sauc,nss,kl,auc_borji@mit"


def start(folder_set, *arguments, **environment):
    command = [sys.executable, "-c", "from benchmark_kit.cli import main; main()", "evaluate"]
    command += [folder_set.maps, "--dataset", "folder", "--root", folder_set.root, "--no-cache"]
    command += ["--engine", "tf", "--metrics", METRICS, *arguments]
    return subprocess.Popen(
        [str(part) for part in command],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err[-3000:]
    return out, err


def assert_same_rows(found, expected):
    for row, other in zip(found, expected, strict=True):
        assert row["name"] == other["name"]
        for key in METRICS.split(","):
            if key == "kl" or key == "nss":
                assert row[key] == pytest.approx(other[key], rel=1e-9, abs=1e-9)
            else:
                assert row[key] == other[key], (row["name"], key)


@pytest.fixture
def expected(folder_set):
    return evaluate(folder_set.maps, folder_set.truths(), metrics=METRICS).images


@pytest.mark.slow
def test_the_table_the_file_and_the_note(folder_set, tmp_path, expected):
    out = tmp_path / "results.json"
    table, said = finish(start(folder_set, "--out", out))
    assert "note: engine tf: the process pool scores auc_borji@mit" in said
    assert "AUC-Borji" in table
    saved = json.loads(out.read_text())
    assert saved["made"]["engine"] == "tf"
    assert saved["made"]["notes"] == ["engine tf: the process pool scores auc_borji@mit"]
    assert_same_rows(saved["images"], expected)


@pytest.mark.slow
def test_of_two_machines_the_chief_alone_writes_and_prints(folder_set, tmp_path, expected):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    started = []
    for index in (1, 0):
        place = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})
        options = ("--strategy", "multiworker", "--out", tmp_path / f"worker{index}.json")
        started.append(start(folder_set, *options, TF_CONFIG=place))
    (other_table, other_said), (table, _) = (finish(process) for process in started)
    assert other_table == ""
    assert "the chief has the results" in other_said
    assert "AUC-Borji" in table
    assert sorted(path.name for path in tmp_path.glob("worker*")) == ["worker0.json"]
    assert_same_rows(json.loads((tmp_path / "worker0.json").read_text())["images"], expected)


def test_a_strategy_without_the_engine_is_refused(folder_set):
    with pytest.raises(ConfigError, match="--engine tf"):
        evaluate(folder_set.maps, folder_set.truths(), strategy="mirrored")
