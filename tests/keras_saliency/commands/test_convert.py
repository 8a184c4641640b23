"""`salbench convert` from the command line."""

import numpy as np
import pytest
from click.testing import CliRunner

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.commands.convert import command
from keras_saliency.registry.build import build_model

DEPTHS = (2, 2, 3, 3, 3, 3, 3, 3, 2, 2)


def run(*arguments):
    return CliRunner().invoke(command, [str(part) for part in arguments])


@pytest.fixture
def original(monkeypatch, tmp_path):
    """A file of a SalGAN with two channels everywhere."""
    monkeypatch.setattr("keras_saliency.backbones.vgg.FILTERS", (2,) * 5)
    decoder = tuple((2, depth) for depth in DEPTHS[5:])
    monkeypatch.setattr("keras_saliency.models.salgan.DECODER", decoder)
    rng = np.random.default_rng(0)
    arrays, inside = [], 3
    for outside, size in [(2, 3)] * sum(DEPTHS) + [(1, 1)]:
        arrays += [rng.normal(size=(outside, inside, size, size)), rng.normal(size=outside)]
        inside = outside
    np.savez(tmp_path / "gen.npz", *arrays, np.zeros(3))
    return tmp_path / "gen.npz", arrays


def test_weights_are_written_and_what_was_used_is_said(original, tmp_path):
    path, arrays = original
    out = tmp_path / "salgan.weights.h5"
    done = run("salgan", path, "--out", out)
    assert done.exit_code == 0, done.output
    assert "block1_conv1: arr_0, arr_1\n" in done.output
    assert "map: arr_52, arr_53\n" in done.output
    assert "left in gen.npz: arr_54\n" in done.output
    model = build_model("salgan", weights=out)
    kernel, bias = model.get_layer("decoder1_conv1").get_weights()
    np.testing.assert_allclose(kernel[2, 0, 1, 0], arrays[26][0, 1, 0, 2], rtol=1e-6)
    np.testing.assert_allclose(bias, arrays[27], rtol=1e-6)
    assert not model.random_weights


def test_an_existing_file_is_kept(original, tmp_path):
    path, _ = original
    out = tmp_path / "salgan.weights.h5"
    out.write_bytes(b"mine")
    done = run("salgan", path, "--out", out)
    assert isinstance(done.exception, ConfigError)
    assert "--force" in str(done.exception)
    assert out.read_bytes() == b"mine"
    done = run("salgan", path, "--out", out, "--force", "-q")
    assert done.exit_code == 0
    assert done.output == ""
    assert out.read_bytes() != b"mine"


def test_wrong_requests_write_nothing(original, tmp_path):
    path, _ = original
    for arguments, kind, reason in (
        (("salgan", path, "--out", tmp_path / "w.h5"), ConfigError, "weights.h5"),
        (("salgan", path, "--out", tmp_path / "no/w.weights.h5"), ConfigError, "does not exist"),
        (
            ("salgan", tmp_path / "no", "--out", tmp_path / "w.weights.h5"),
            ConfigError,
            "no weights",
        ),
        (("salgann", path, "--out", tmp_path / "w.weights.h5"), ConfigError, "salgan"),
        (("deepfix", path, "--out", tmp_path / "w.weights.h5"), ConfigError, "they are of dva"),
        (("msi_net", path, "--out", tmp_path / "w.weights.h5"), InputError, "frozen"),
    ):
        done = run(*arguments)
        assert isinstance(done.exception, kind), arguments
        assert reason in str(done.exception)
    assert not list(tmp_path.glob("*.h5"))
