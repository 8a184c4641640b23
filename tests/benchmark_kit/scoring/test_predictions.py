"""Maps predicted while they are scored, through the entry points alone."""

import pickle

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from benchmark_kit import evaluate
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.images import DecodeError
from benchmark_kit.scoring import predictions
from benchmark_kit.scoring.predictions import PredictedReference, predicted_maps
from benchmark_kit.types import GroundTruth, Truths


@pytest.fixture
def pictures(folder_set):
    """The data set's truths, with pictures that are no noise alone."""
    return folder_set.truths()


def test_the_scores_are_those_of_the_models_maps(pictures):
    from keras_saliency import build_model

    model = build_model("spectral_residual")
    maps = {truth.name: model.predict_map(truth.stimulus) for truth in pictures}
    wanted = evaluate(maps, pictures, metrics="nss,auc,kl", workers=1, bootstrap=0)
    found = evaluate(
        None, pictures, model="spectral_residual", metrics="nss,auc,kl", workers=1, bootstrap=0
    )
    assert found.images == wanted.images
    assert found.data["maps"]["fingerprint"] == wanted.data["maps"]["fingerprint"]
    assert found.data["maps"]["source"] == "model spectral_residual"


def test_two_workers_give_the_same(pictures):
    one, two = (
        evaluate(None, pictures, model="spectral_residual", metrics="nss", workers=n, bootstrap=0)
        for n in (1, 2)
    )
    assert one.images == two.images


def test_either_maps_or_a_model(pictures):
    for maps, model in ((None, None), ({}, "spectral_residual")):
        with pytest.raises(ConfigError, match="either maps or a model"):
            evaluate(maps, pictures, model=model)


def test_what_cannot_predict_is_refused_before_anything_runs(pictures):
    with pytest.raises(ConfigError, match="spectral_residual"):
        evaluate(None, pictures, model="spectral_residul")
    with pytest.raises(ConfigError, match="no log densities"):
        predicted_maps("spectral_residual", pictures, log_density=True)
    bare = Truths("bare", (GroundTruth("a", (4, 5)),), sigma_px=1.0)
    with pytest.raises(ConfigError, match="no pictures of 1 images"):
        predicted_maps("spectral_residual", bare, log_density=False)


def test_a_picture_that_cannot_be_read_is_a_problem_of_its_image(pictures):
    next(iter(pictures)).stimulus.write_bytes(b"no picture")
    with pytest.raises(InputError) as refused:
        evaluate(None, pictures, model="spectral_residual", metrics="nss", workers=1)
    assert next(iter(pictures)).name in str(refused.value)


def test_a_model_that_fails_names_itself(monkeypatch, tmp_path):
    class Broken:
        def predict_map(self, path):
            raise ZeroDivisionError("of mine")

    monkeypatch.setattr(predictions, "open_model", lambda name, map_name: Broken())
    reference = PredictedReference("mine", tmp_path / "a.png", (4, 5), False)
    with pytest.raises(DecodeError, match="mine failed: ZeroDivisionError: of mine"):
        reference.read(100)
    assert pickle.loads(pickle.dumps(reference)) == reference


def test_log_densities_are_asked_for_where_they_are_scored(monkeypatch, pictures):
    class Flat:
        def predict_map(self, path):
            raise AssertionError("the density was asked for")

        def predict_log_density(self, path):
            with Image.open(path) as picture:
                size = picture.size[::-1]
            return np.full(size, -np.log(size[0] * size[1]))

    monkeypatch.setattr(predictions, "open_model", lambda name, map_name: Flat())
    source = predicted_maps("flat", pictures, log_density=True)
    found = source.entries[0][1].read(10**6)
    assert np.exp(found).sum() == pytest.approx(1)


def test_several_models_on_the_command_line_are_compared(folder_set, tmp_path):
    from benchmark_kit.cli.evaluate import command

    arguments = [
        *("--model", "spectral_residual", "--model", "uniform", "--dataset", "folder"),
        *("--root", str(folder_set.root), "--metrics", "nss", "--workers", "1", "--no-cache"),
        *("--out", str(tmp_path / "out"), "--bootstrap", "20"),
    ]
    done = CliRunner().invoke(command, arguments, standalone_mode=False)
    assert done.exception is None, done.stderr
    assert "spectral_residual" in done.stdout.split("model A")[1]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "spectral_residual.json",
        "uniform.json",
    }
    both = CliRunner().invoke(
        command,
        ["maps", "--model", "x", "--dataset", "folder", "--root", "."],
        standalone_mode=False,
    )
    assert "either MAPS or --model" in str(both.exception)


def test_a_misspelt_second_model_is_told_before_the_first_runs(folder_set, salbench, tmp_path):
    out = tmp_path / "results"
    done = salbench(
        *("evaluate", "--model", "uniform", "--model", "unifrm", "--dataset", "folder"),
        *("--root", folder_set.root, "--out", out),
    )
    assert done.returncode == 2
    assert "nearest: uniform" in done.stderr
    assert done.stdout == ""
    assert not out.exists()


class Channels:
    """Gives the red and the green channel as two maps, or one of them."""

    def __init__(self, map_name=None):
        self.map_name = map_name
        self.map_names = () if map_name else ("red", "green")

    def predict_map(self, image):
        with Image.open(image) as opened:
            maps = np.asarray(opened.convert("RGB"), np.float64)[..., :2]
        return maps[..., ("red", "green").index(self.map_name)] if self.map_name else maps


class Entry:
    """Stands for an installed entry point."""

    def load(self):
        return lambda name, map_name=None: Channels(map_name)


def test_of_a_model_of_several_maps_one_is_scored(pictures, monkeypatch):
    predictions._opened.cache_clear()
    monkeypatch.setattr(predictions, "entry_points", lambda group: [Entry()])
    with pytest.raises(
        ConfigError, match=r"gives 2 maps: red, green\. Fix: --map red, or --map mean"
    ):
        predicted_maps("channels", pictures, False)
    source = predicted_maps("channels", pictures, False, "green")
    assert source.where == "channels, map green"
    reference = source.entries[0][1]
    wanted = np.asarray(Image.open(reference.stimulus).convert("RGB"))[..., 1]
    np.testing.assert_array_equal(reference.read(10**6), wanted)
    other = predicted_maps("channels", pictures, False, "red").entries[0][1]
    assert other.identity() != reference.identity(), "a journal of one map is none of the other"
    predictions._opened.cache_clear()


def test_an_array_that_is_no_map_is_told_by_its_shape(pictures, monkeypatch):
    class Odd:
        def predict_map(self, image):
            return np.zeros((3, 4, 4))

    monkeypatch.setattr(predictions, "open_model", lambda name, map_name: Odd())
    with pytest.raises(DecodeError, match=r"shape \(3, 4, 4\), a map has two axes"):
        predicted_maps("odd", pictures, False).entries[0][1].read(10**6)


def test_a_file_that_has_changed_is_opened_anew(tmp_path, monkeypatch):
    """As a network's is between two evaluations of one run."""
    opened = []

    class Opener:
        def load(self):
            return lambda name: opened.append(name) or object()

    monkeypatch.setattr(predictions, "entry_points", lambda group: [Opener()])
    path = tmp_path / "best.keras"
    path.write_bytes(b"first")
    predictions._opened.cache_clear()
    first = predictions.open_model(str(path))
    assert predictions.open_model(str(path)) is first
    path.write_bytes(b"second, better")
    assert predictions.open_model(str(path)) is not first
    assert opened == [str(path)] * 2
    predictions._opened.cache_clear()


@pytest.mark.parametrize("name", ["{}", "{}:engine=onnx", "msi_net:engine=keras,weights={}"])
def test_a_changed_file_in_the_models_name_is_another_model(pictures, tmp_path, name):
    file = tmp_path / "net.keras"
    file.write_bytes(b"one")
    (truth, *_) = pictures
    reference = PredictedReference(name.format(file), truth.stimulus, truth.size, False)
    before = reference.identity()
    assert reference.identity() == before
    file.write_bytes(b"another")
    assert reference.identity() != before
