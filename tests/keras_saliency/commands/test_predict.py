"""`salbench predict` as a user runs it."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from benchmark_kit.errors import ConfigError
from keras_saliency.commands.predict import command


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    pixels = np.random.default_rng(0).integers(0, 256, (32, 48, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def run(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=False)


def test_a_map_for_a_picture(photo, tmp_path):
    done = run(photo, "--model", "spectral_residual", "--out", tmp_path / "maps")
    assert done.exception is None
    assert done.return_value == 0
    assert "1 maps in" in done.stdout
    with Image.open(tmp_path / "maps" / "photo.png") as found:
        assert found.size == (48, 32)


def test_an_unreadable_picture_gives_status_1_and_its_name(photo, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    done = run(photo, broken, "--model", "spectral_residual", "--out", tmp_path / "maps")
    assert done.return_value == 1
    assert "broken.png" in done.stderr
    assert (tmp_path / "maps" / "photo.png").exists()


def test_random_weights_are_refused_until_they_are_wanted(photo, tmp_path):
    pytest.importorskip("keras")
    given = (photo, "--model", "msi_net", "--option", "encoder=mobilenet", "--out", tmp_path / "m")
    given = (*given, "--option", "input_shape=(32, 32)")
    refused = run(*given)
    assert isinstance(refused.exception, ConfigError)
    assert "random weights" in str(refused.exception)
    assert not (tmp_path / "m").exists()
    assert run(*given, "--allow-random-weights", "--quiet").return_value == 0


@pytest.mark.parametrize("wrong", ["color", "nothing=1"])
def test_wrong_options_are_refused(photo, tmp_path, wrong):
    done = run(photo, "--model", "spectral_residual", "--option", wrong, "--out", tmp_path / "m")
    assert done.exception is not None
    assert wrong.split("=")[0] in str(done.exception)
