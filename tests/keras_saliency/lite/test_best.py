"""`saliency_best`: densities of several networks, averaged."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.images import write_png
from keras_saliency import build_model
from keras_saliency.lite import members as members_module
from keras_saliency.lite.best import SaliencyBest
from keras_saliency.lite.calibration import Calibration
from keras_saliency.lite.members import members
from keras_saliency.lite.model import SaliencyLite
from keras_saliency.lite.weights import read_weights


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(3).integers(0, 256, (90, 130, 3)).astype(np.uint8)


def test_the_members_are_those_of_the_list(installed):
    found = [(one.weights.encoder, one.frame) for one in members()]
    assert found == [
        ("efficientnet_lite2", (384, 512)),
        ("efficientnet_lite2", (192, 256)),
        ("efficientnet_lite0", (192, 256)),
        ("mobilenet", (192, 256)),
    ]


def test_its_density_is_the_mean_over_members(installed, picture):
    model = SaliencyBest(dataset="osie")
    whole, parts = model.members, []
    for one in whole:
        model.members = [one]
        parts.append(model.predict_map(picture))
    model.members = whole
    found = model.predict_map(picture)
    assert found.shape == (90, 130)
    assert found.sum() == pytest.approx(1)
    np.testing.assert_allclose(found, np.mean(parts, axis=0), rtol=1e-9)
    np.testing.assert_allclose(np.exp(model.predict_log_density(picture)), found, rtol=1e-9)


def test_a_member_is_the_mean_of_a_picture_and_its_mirror_image(installed, picture):
    model, lite = SaliencyBest(), SaliencyLite()
    model.members = model.members[:1]  # the default model's, in its own frame
    turned = np.ascontiguousarray(picture[:, ::-1])
    ways = [lite.predict_log_density(picture, "uniform")]
    ways.append(lite.predict_log_density(turned, "uniform")[:, ::-1])
    found = np.exp(model.predict_log_density(picture, "uniform"))
    np.testing.assert_allclose(found, np.mean(np.exp(ways), axis=0), rtol=1e-6)


def test_a_blur_is_as_wide_on_the_picture_in_every_frame(installed):
    pixels = np.full((192, 256, 3), 90, np.uint8)
    spread = []
    for one in list(members())[:2]:  # one network in two frames
        shape = (one.frame[0] // 16, one.frame[1] // 16)
        point = np.zeros(shape, np.float32)
        point[shape[0] // 2, shape[1] // 2] = 30  # all else is far less likely
        one.network.scores = lambda pixels, frame, point=point: point
        calibration = Calibration(8.0, 0.0, 1.0)
        found = one.log_density(pixels, calibration, np.zeros((192, 256)))
        spread.append((found - found.min() > (found.max() - found.min()) / 2).sum())
    assert spread[0] == pytest.approx(spread[1], rel=0.15)


def test_a_mirrored_picture_has_the_mirrored_map_under_no_centre_bias(installed, picture):
    model = SaliencyBest()
    found = model.predict_log_density(picture, "uniform")
    turned = model.predict_log_density(np.ascontiguousarray(picture[:, ::-1]), "uniform")
    np.testing.assert_allclose(found, turned[:, ::-1], atol=5e-5)


@pytest.mark.parametrize("size", [(1, 1), (37, 50), (20, 900)])
def test_any_size_is_taken(installed, size):
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    found = SaliencyBest().predict_map(pixels)
    assert found.shape == size
    assert found.sum() == pytest.approx(1)


def test_options_are_checked(installed):
    with pytest.raises(ConfigError, match="saliency_best did not learn from 'toronto'"):
        SaliencyBest(dataset="toronto")
    with pytest.raises(ConfigError, match="gain must be"):
        build_model("saliency_best", gain=0)


def test_it_runs_under_onnx_runtime_alone(installed):
    assert isinstance(build_model("saliency_best", engine="onnx"), SaliencyBest)
    with pytest.raises(ConfigError, match="under ONNX Runtime alone"):
        build_model("saliency_best", engine="keras")
    with pytest.raises(ConfigError, match="has no weights without Keras"):
        build_model("saliency_best", engine="onnx", weights="a.npz")


def test_without_the_distribution_it_says_where_the_networks_are(monkeypatch):
    monkeypatch.setattr(members_module, "PACKAGE", "keras_saliency_weights_of_nobody")
    with pytest.raises(ConfigError, match=r"pip install ./keras-saliency-weights"):
        build_model("saliency_best")


def test_a_damaged_file_is_named(installed, tmp_path, monkeypatch):
    broken = tmp_path / "keras_saliency_weights"
    shutil.copytree(installed, broken)
    data = (broken / "first.npz").read_bytes()
    (broken / "first.npz").write_bytes(data[: len(data) // 2])
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("keras_saliency_weights", None)
    with pytest.raises(InputError, match=r"first\.npz"):
        SaliencyBest()


@pytest.mark.parametrize(
    "text",
    [
        "networks = 3",
        "networks = []",
        "networks = [{ name = '../first', frames = [[384, 512]] }]",
        "networks = [{ name = 'first', frames = [] }]",
        "networks = [{ name = 'first', frames = [[1, 1000000]] }]",
        "networks = [",
    ],
)
def test_a_list_that_says_something_else_is_named(installed, tmp_path, monkeypatch, text):
    broken = tmp_path / "keras_saliency_weights"
    shutil.copytree(installed, broken)
    (broken / "networks.toml").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("keras_saliency_weights", None)
    with pytest.raises(InputError, match=r"networks\.toml"):
        SaliencyBest()


@pytest.mark.parametrize("encoder", ["mobilenet", "efficientnet_lite0"])
def test_a_graph_gives_what_the_keras_network_gives(installed, encoder):
    from keras_saliency.models.saliency_lite import saliency_lite

    name = {"mobilenet": "first", "efficientnet_lite0": "second"}[encoder]
    weights = read_weights(installed / f"{name}.npz")
    network = {one.weights.encoder: one.network for one in members()}[encoder]
    keras_one = saliency_lite(encoder=encoder, pretrained=False)
    for layer in keras_one.layers:
        if layer.name != "calibration":
            for k, weight in enumerate(layer.weights):
                weight.assign(weights.arrays[f"{layer.name}/{k}"])
    pixels = np.random.default_rng(0).integers(0, 256, (1, 96, 128, 3)).astype(np.float32)
    found = network(pixels)[0]
    wanted = np.asarray(keras_one.scores_of(keras_one.front.colours(pixels)))[0, ..., 0]
    assert wanted.std() > 1e-3
    np.testing.assert_allclose(found, wanted, atol=2e-4 * np.abs(wanted).max())


NO_KERAS = """
import sys


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name in ("keras", "tensorflow", "jax"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Absent())

from benchmark_kit.cli import main

main(["predict", "photo.png", "--model", "saliency_best:dataset=osie"])
"""


def test_salbench_predicts_with_it_without_keras(distribution, tmp_path, picture):
    write_png(tmp_path / "photo.png", picture)
    done = subprocess.run(
        [sys.executable, "-c", NO_KERAS],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(distribution), *sys.path])},
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "saliency-maps/photo.png").exists()
