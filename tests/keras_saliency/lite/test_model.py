"""`saliency_lite` as the plain installation has it."""

import subprocess
import sys

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.images import write_png
from keras_saliency import build_model, load_model
from keras_saliency.demo.dataset import write_dataset
from keras_saliency.demo.displays import make_displays
from keras_saliency.lite.model import SaliencyLite

FACE = "data/photos/astronaut.jpg"


@pytest.fixture(scope="module")
def model():
    return SaliencyLite()


@pytest.fixture(scope="module")
def picture():
    """A light patch on a dark ground, upper left."""
    pixels = np.full((150, 200, 3), 60, np.uint8)
    pixels[30:60, 40:80] = (250, 240, 90)
    return pixels


def test_densities_sum_to_one_and_rise_where_something_stands_out(model, picture):
    found = np.exp(model.predict_log_density(picture))
    assert found.shape == (150, 200)
    assert found.sum() == pytest.approx(1, abs=1e-6)
    share = found[30:60, 40:80].sum()
    assert share > 3 * (30 * 40) / found.size
    np.testing.assert_array_equal(model.predict_map(picture), found)


@pytest.mark.parametrize("size", [(1, 1), (37, 50), (641, 479), (20, 900)])
def test_any_size_is_taken(model, size):
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    found = model.predict_map(pixels)
    assert found.shape == size
    assert found.sum() == pytest.approx(1, abs=1e-6)


def test_many_pictures_give_what_each_gives_alone(model, picture):
    pictures = [picture, picture[:, ::-1], picture[:100]]
    for together, alone in zip(
        model.predict_maps(pictures), map(model.predict_map, pictures), strict=True
    ):
        np.testing.assert_allclose(together, alone, atol=1e-7)


def test_centre_biases_by_name_change_the_density(model, picture):
    default, photo, uniform, osie = (
        model.predict_log_density(picture, bias) for bias in (None, "photo", "uniform", "osie")
    )
    np.testing.assert_array_equal(default, photo)
    assert uniform[0, 0] > photo[0, 0]  # no centre bias, more in the corner
    assert np.abs(osie - photo).max() > 0.01
    with pytest.raises(ConfigError, match="known are osie"):
        model.predict_log_density(picture, "elsewhere")


def test_a_data_sets_own_calibration_and_a_gain(picture):
    sharp, flat = (SaliencyLite(gain=gain).predict_log_density(picture) for gain in (1.0, 0.5))
    assert flat.max() < sharp.max()
    own = SaliencyLite(dataset="osie").settings
    assert own.prior == "osie"
    for wrong in ({"dataset": "toronto"}, {"gain": 0}, {"gain": float("nan")}):
        with pytest.raises(ConfigError):
            SaliencyLite(**wrong)


def test_the_registry_builds_it_without_keras(picture):
    model = build_model("saliency_lite", engine="onnx", gain=0.9)
    assert isinstance(model, SaliencyLite)
    assert model.card.name == "saliency_lite"
    with pytest.raises(ConfigError, match="has no input_shape, pretrained without Keras"):
        build_model("saliency_lite", (64, 64), engine="onnx", pretrained=False)
    with pytest.raises(ConfigError, match="runs under Keras alone"):
        build_model("ml_net", engine="onnx")
    with pytest.raises(ConfigError, match="engine must be one of"):
        build_model("saliency_lite", engine="torch")


NO_KERAS = """
import importlib.util
import sys

ABSENT = ("keras", "tensorflow", "jax")


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Absent())
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in ABSENT else find(name, *rest)

from benchmark_kit.cli import main
from keras_saliency import build_model

assert type(build_model("saliency_lite")).__name__ == "SaliencyLite"
main(["predict", "a.png", "--out", "maps"])
"""


def test_an_installation_without_keras_is_enough(tmp_path, picture):
    write_png(tmp_path / "a.png", picture)
    done = subprocess.run(
        [sys.executable, "-c", NO_KERAS], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "maps" / "a.png").is_file()


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A small data set of one's own."""
    from benchmark_kit.datasets import get_dataset

    folder = tmp_path_factory.mktemp("own") / "dataset"
    write_dataset(folder, make_displays(0)[:8], 0)
    return get_dataset("folder", folder, cache=False)


def test_what_was_adapted_is_saved_and_loaded(own, tmp_path, picture):
    model = SaliencyLite()
    before = model.predict_log_density(picture)
    found = model.adapt(own)
    after = model.predict_log_density(picture)
    assert found.pictures == 8
    assert np.abs(after - before).max() > 1e-3
    model.save(tmp_path / "mine.npz")
    again = SaliencyLite(fitted=tmp_path / "mine.npz")
    np.testing.assert_allclose(again.predict_log_density(picture), after, atol=1e-5)
    loaded = load_model(tmp_path / "mine.npz")
    assert isinstance(loaded, SaliencyLite), "no Keras is imported for it"
    np.testing.assert_allclose(loaded.predict_log_density(picture), after, atol=1e-5)


def test_the_command_adapts_and_adapts_again(own, tmp_path):
    from click.testing import CliRunner

    from keras_saliency.commands.adapt import command

    root = next(iter(own)).stimulus.parents[2]
    for model, out in (("saliency_lite", "one.npz"), (tmp_path / "one.npz", "two.npz")):
        given = ("--dataset", "folder", "--root", root, "--model", model, "--no-cache")
        arguments = map(str, (*given, "--out", tmp_path / out))
        done = CliRunner().invoke(command, [*arguments], standalone_mode=False)
        assert done.exception is None, done.exception
        assert "8 pictures" in done.stdout
        assert load_model(tmp_path / out).settings.prior == "own"


def test_nothing_adapted_is_not_saved(model, tmp_path):
    with pytest.raises(ConfigError, match="was not adapted"):
        model.save(tmp_path / "mine.npz")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_adaptation_is_refused(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, model="saliency_lite", options="{}", calibration=[1, 2], prior=np.zeros((3, 4)))
    with pytest.raises(InputError, match="is no adaptation"):
        SaliencyLite(fitted=path)
    np.savez(path, model="judd", options="{}")
    with pytest.raises(InputError, match="lacks calibration"):
        SaliencyLite(fitted=path)
    with pytest.raises(ConfigError, match="exclude each other"):
        SaliencyLite(dataset="osie", fitted=path)


@pytest.mark.shared
def test_a_face_is_looked_at(model, shared):
    found = model.predict_map(shared / FACE)
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert 60 < row < 170
    assert 180 < column < 280
