"""`salbench export`: what it refuses."""

import sys

import pytest
from click.testing import CliRunner

from benchmark_kit.errors import ConfigError, MissingExtra
from keras_saliency.commands.export import command


def run(*arguments):
    return CliRunner().invoke(command, [str(part) for part in arguments])


def test_random_weights_are_not_exported_silently(tmp_path):
    done = run("salnet", "--out", tmp_path / "m.onnx")
    assert isinstance(done.exception, ConfigError)
    assert "--allow-random-weights" in str(done.exception)


def test_a_file_is_not_replaced(tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"mine")
    done = run("salnet", "--out", tmp_path / "m.onnx", "--allow-random-weights")
    assert "--force" in str(done.exception)
    assert (tmp_path / "m.onnx").read_bytes() == b"mine"


@pytest.mark.parametrize("shape", ["240", "axb", "240x"])
def test_a_size_that_cannot_be_read(tmp_path, shape):
    options = ("--out", tmp_path / "m.onnx", "--allow-random-weights", "--input-shape", shape)
    assert "240x320" in run("salnet", *options).output


@pytest.mark.parametrize("options", [(), ("--allow-random-weights",)])
def test_an_unknown_model(tmp_path, options):
    done = run("salnett", "--out", tmp_path / "m.onnx", *options)
    assert "unknown model 'salnett'" in str(done.exception)
    assert "salnet" in str(done.exception)


@pytest.mark.parametrize("name", ["saliency_best", "spectral_residual", "judd"])
def test_what_is_no_network_has_no_graph(tmp_path, name):
    done = run(name, "--out", tmp_path / "m.onnx")
    assert "no graph to export" in str(done.exception)


@pytest.mark.slow
def test_a_network_that_comes_trained_needs_no_weights(tmp_path):
    pytest.importorskip("onnx")
    done = run("saliency_lite", "--out", tmp_path / "m.onnx", "--input-shape", "64x96")
    assert done.exit_code == 0, done.exception
    assert (tmp_path / "m.onnx").is_file()


def test_missing_libraries_are_told_before_a_network_is_built(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    monkeypatch.setattr("keras_saliency.predict.predictor.open_predictor", None)  # never asked
    done = run("salgan", "--allow-random-weights", "--out", tmp_path / "net.onnx")
    assert isinstance(done.exception, MissingExtra)
    assert "keras-saliency[onnx]" in str(done.exception)
    assert not (tmp_path / "net.onnx").exists()
