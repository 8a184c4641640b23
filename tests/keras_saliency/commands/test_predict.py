"""`salbench predict` as a user runs it."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from benchmark_kit.errors import ConfigError
from keras_saliency.commands.predict import command
from keras_saliency.predict.predictor import open_predictor


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
    assert "1 map in" in done.stdout
    with Image.open(tmp_path / "maps" / "photo.png") as found:
        assert found.size == (48, 32)


def test_an_unreadable_picture_gives_status_1_and_its_name(photo, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    done = run(photo, broken, "--model", "spectral_residual", "--out", tmp_path / "maps")
    assert done.return_value == 1
    assert "broken.png" in done.stderr
    assert (tmp_path / "maps" / "photo.png").exists()


@pytest.fixture
def folder(photo, tmp_path):
    """A folder with a picture, a damaged one and one of another kind."""
    place = tmp_path / "in"
    place.mkdir()
    photo.rename(place / "photo.png")
    (place / "broken.png").write_bytes(b"no picture")
    (place / "moving.gif").write_bytes(b"GIF89a")
    return place


def test_what_a_folder_holds_besides_is_named_and_status_1_only_when_that_is_strict(
    folder, tmp_path
):
    given = (folder, "--model", "spectral_residual", "--out", tmp_path / "maps")
    done = run(*given)
    assert done.return_value == 0
    assert "broken.png" in done.stderr
    assert "moving.gif" in done.stderr
    assert "1 map in" in done.stdout
    assert run(*given, "--force", "--strict").return_value == 1
    (folder / "broken.png").unlink()
    assert run(*given, "--force", "--strict").return_value == 1
    (folder / "moving.gif").unlink()
    assert run(*given, "--force", "--strict").return_value == 0


def test_a_named_picture_that_fails_gives_status_1_whatever_its_folder_gave(folder, tmp_path):
    beside = tmp_path / "torn.png"
    beside.write_bytes(b"no picture")
    given = ("--model", "spectral_residual", "--out", tmp_path / "maps")
    assert run(folder, beside, *given).return_value == 1


def test_a_folder_of_which_nothing_can_be_read_gives_status_1(folder, tmp_path):
    (folder / "photo.png").unlink()
    done = run(folder, "--model", "spectral_residual", "--out", tmp_path / "maps")
    assert done.return_value == 1
    assert done.stdout == ""
    assert "broken.png" in done.stderr


def test_log_densities_are_written_as_the_model_gives_them(photo, tmp_path):
    done = run(photo, "--depth", "log", "--overlay", "--out", tmp_path / "logs")
    assert done.return_value == 0
    found = np.load(tmp_path / "logs" / "photo.npy")
    np.testing.assert_array_equal(found, open_predictor("saliency_lite").predict_log_density(photo))
    assert (tmp_path / "logs" / "overlay" / "photo.png").exists()


def test_log_densities_are_refused_where_there_are_none_before_anything_is_written(photo, tmp_path):
    given = (photo, "--depth", "log", "--out", tmp_path / "logs")
    done = run(*given, "--model", "spectral_residual")
    assert isinstance(done.exception, ConfigError)
    assert "SpectralResidual gives no log densities" in str(done.exception)
    done = run(*given, tmp_path / "clip.mp4")
    assert isinstance(done.exception, ConfigError)
    assert "holds no log densities" in str(done.exception)
    assert not (tmp_path / "logs").exists()


def test_random_weights_are_refused_until_they_are_wanted(photo, tmp_path):
    pytest.importorskip("keras")
    given = (photo, "--model", "msi_net", "--option", "encoder=mobilenet", "--out", tmp_path / "m")
    given = (*given, "--option", "input_shape=(32, 32)")
    refused = run(*given)
    assert isinstance(refused.exception, ConfigError)
    assert "random weights" in str(refused.exception)
    assert not (tmp_path / "m").exists()
    assert run(*given, "--allow-random-weights", "--quiet").return_value == 0


def test_weights_alone_say_which_network_they_are_of(photo, tmp_path):
    pytest.importorskip("keras")
    from keras_saliency import build_model

    model = build_model("msi_net", (32, 32), encoder="mobilenet")
    model.save_weights(tmp_path / "mine.weights.h5")
    given = (photo, "--model", tmp_path / "mine.weights.h5", "--out", tmp_path / "m")
    done = run(*given, "--allow-random-weights", "--depth", "float", "--quiet")
    assert done.return_value == 0
    (found,) = (tmp_path / "m").iterdir()
    model.random_weights = False
    np.testing.assert_allclose(np.load(found), model.predict_map(photo), rtol=1e-5)


@pytest.mark.parametrize("wrong", ["color", "nothing=1"])
def test_wrong_options_are_refused(photo, tmp_path, wrong):
    done = run(photo, "--model", "spectral_residual", "--option", wrong, "--out", tmp_path / "m")
    assert done.exception is not None
    assert wrong.split("=")[0] in str(done.exception)
