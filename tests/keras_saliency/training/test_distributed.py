"""Training on two devices and by two processes is training on one, but for the order of sums."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import keras

from benchmark_kit.errors import ConfigError
from keras_saliency.base.array_file import read_arrays
from keras_saliency.training import distributed
from keras_saliency.training.building import building
from keras_saliency.training.distributed import open_strategy, strategy_of
from keras_saliency.training.run import train
from keras_saliency.training.steps import Steps

PROGRAM = Path(__file__).with_name("train_tiny.py")
pytestmark = pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="tf.distribute needs TensorFlow"
)


@pytest.fixture(scope="module")
def data(tmp_path_factory, make_folder_set):
    """Ten pictures: nine to learn from in batches of four, of which the last is one picture."""
    return make_folder_set(tmp_path_factory.mktemp("data"), images=10)


@pytest.fixture
def one_device(data, tiny_network, tmp_path):
    folder = tmp_path / "one"
    train(tiny_network(dropout=0.0), data.truths(), folder, epochs=2)
    return folder


def started(data, folder, strategy, **environment):
    arguments = ("--model", "tiny", "--option", "dropout=0.0", "--epochs", "2", "--no-cache")
    arguments += ("--dataset", "folder", "--root", str(data.root), "--out", str(folder))
    arguments += ("--strategy", strategy, "--precision", "float32")
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), "train", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def assert_close(folder, wanted):
    arrays, others = (read_arrays(path / "last.npz") for path in (folder, wanted))
    assert set(arrays) == set(others)
    for name in sorted(set(arrays) - {"position"}):
        # float32 sums in another order, over six steps of Adam
        np.testing.assert_allclose(arrays[name], others[name], rtol=1e-3, atol=2e-5, err_msg=name)
    found, rows = (json.loads(str(part["position"]))["rows"] for part in (arrays, others))
    for row, other in zip(found, rows, strict=True):
        assert set(row) == set(other)
        for name in {name for name in row if name.endswith("loss")}:
            assert row[name] == pytest.approx(other[name], rel=1e-4)
        assert row["images"] == other["images"] == 9


@pytest.mark.slow
def test_two_devices_learn_as_one(data, one_device, tmp_path):
    process = started(data, tmp_path / "two", "mirrored", DEVICES="2")
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 0, said
    assert json.loads((tmp_path / "two" / "run.json").read_text())["settings"]["devices"] == 2
    assert_close(tmp_path / "two", one_device)
    assert (tmp_path / "two" / "results.json").is_file()


@pytest.mark.slow
def test_two_processes_learn_as_one_and_the_chief_writes(data, one_device, tmp_path):
    workers = [f"127.0.0.1:{_free_port()}" for _ in range(2)]
    processes = []
    for index in range(2):
        task = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}
        processes.append(started(data, tmp_path / "two", "multiworker", TF_CONFIG=json.dumps(task)))
    said = [process.communicate(timeout=600)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert "NSS" in said[0]
    assert "NSS" not in said[1]
    assert_close(tmp_path / "two", one_device)


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_a_network_of_one_device_has_plain_steps(tiny_network):
    assert strategy_of(tiny_network()) is None


@pytest.mark.parametrize(
    "options",
    [{"freeze": ("conv1", "norm1")}, {"recipe": "game", "stage": "game"}],
    ids=["layers that are kept", "a game"],
)
def test_a_strategy_of_one_device_learns_as_none(data, tiny_network, tmp_path, options):
    with open_strategy("mirrored").scope():
        shared = tiny_network(whole=True)
    train(shared, data.truths(), tmp_path / "shared", epochs=2, **options)
    train(tiny_network(whole=True), data.truths(), tmp_path / "plain", epochs=2, **options)
    for name in ("log.csv", "results.json"):
        assert (tmp_path / "shared" / name).is_file()
    assert_close(tmp_path / "shared", tmp_path / "plain")


def test_a_game_takes_one_device(data, tiny_network, tmp_path, monkeypatch):
    monkeypatch.setattr(Steps, "devices", 2)
    with pytest.raises(ConfigError, match="stage game is a game of two networks, which takes one"):
        train(tiny_network(whole=True), data.truths(), tmp_path / "run", recipe="game")
    assert not (tmp_path / "run").exists()


def test_another_backend_is_told(monkeypatch):
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(ConfigError, match=r"--strategy mirrored needs TensorFlow, Keras runs on"):
        open_strategy("mirrored")


def test_several_processes_have_no_minutes(data, tiny_network, tmp_path, monkeypatch):
    monkeypatch.setattr(Steps, "processes", 2)
    with pytest.raises(ConfigError, match="Fix: --epochs in place of --minutes"):
        train(tiny_network(), data.truths(), tmp_path / "run", minutes=1)


def test_building_undoes_what_it_sets(tiny_network, monkeypatch):
    opened = []

    class Scope:
        def __enter__(self):
            opened.append("in")

        def __exit__(self, *_):
            opened.append("out")

    class Strategy:
        def scope(self):
            return Scope()

    monkeypatch.setattr(distributed, "open_by_name", lambda name, patience: Strategy())
    with building(3, "mixed_bfloat16", "mirrored"):
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
        first = np.array(tiny_network(3).get_weights()[0])
    assert keras.config.dtype_policy().name == "float32"
    assert opened == ["in", "out"]
    with building(3, "float32"):
        again = np.array(tiny_network(3).get_weights()[0])
    np.testing.assert_array_equal(again, first)
