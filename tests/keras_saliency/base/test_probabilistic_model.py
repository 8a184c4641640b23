"""What probabilistic networks promise: densities at the picture's size, under any centre bias."""

import numpy as np
import pytest

pytest.importorskip("keras")

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency import build_model, load_model
from keras_saliency.base.centre_bias import normalised

RNG = np.random.default_rng(0)
pytestmark = pytest.mark.filterwarnings("ignore:.*random weights")


def picture(height, width):
    return RNG.integers(0, 256, (height, width, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def icf():
    return build_model("icf", activation="softplus")  # with ReLUs a random start may be dead


@pytest.fixture(scope="module")
def deepgaze3():
    return build_model("deepgaze3", encoder="mobilenet", components=2)


@pytest.mark.parametrize("size", [(37, 50), (50, 37), (1, 40), (641, 479), (900, 1200)])
def test_densities_sum_to_one_at_the_pictures_own_size(icf, size):
    found = icf.predict_log_density(picture(*size))
    assert found.shape == size
    assert found.dtype == np.float64
    assert abs(np.log(np.exp(found).sum())) <= 1e-6


def test_the_map_is_the_density(icf):
    image = picture(40, 60)
    density = icf.predict_map(image)
    np.testing.assert_allclose(density, np.exp(icf.predict_log_density(image)))
    assert density.sum() == pytest.approx(1)
    scaled = icf.predict_map(image, normalize=True)
    assert (scaled.min(), scaled.max()) == (0, 1)


def test_a_centre_bias_moves_the_density_towards_it(icf):
    image = picture(64, 96)
    rows, columns = np.mgrid[:64, :96]
    prior = normalised(-((rows - 10) ** 2 + (columns - 80) ** 2) / 200)
    flat, biased = (icf.predict_log_density(image, bias) for bias in ("uniform", prior))
    assert np.corrcoef(biased.ravel(), prior.ravel())[0, 1] > 0.9
    assert np.corrcoef(flat.ravel(), prior.ravel())[0, 1] < 0.9
    np.testing.assert_allclose(biased, icf.predict_log_density(image, prior.astype(np.float32)))


@pytest.mark.parametrize("size", [(32, 32), (96, 64)])
def test_a_network_of_one_size_takes_pictures_of_any(size):
    model = build_model("icf", size, activation="softplus")
    for sides in ((40, 60), (300, 200), (32, 32)):
        found = model.predict_log_density(picture(*sides))
        assert found.shape == sides
        assert np.exp(found).sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("name", ["icf.keras", "icf.weights.h5"])
def test_a_centre_bias_that_is_kept_goes_with_the_file(name, tmp_path):
    model = build_model("icf", activation="softplus")
    image = picture(64, 96)
    before = model.predict_log_density(image)
    rows, columns = np.mgrid[:200, :300] / 200
    near = [((rows - y) ** 2 + (columns - 1) ** 2) / 0.1 for y in (0.2, 0.6)]
    priors = [normalised(np.logaddexp(-distance, np.log(1e-3))) for distance in near]
    mean = np.log(np.exp(priors).mean(axis=0))
    model.keep_centre_bias(priors)
    found = model.predict_log_density(image)
    assert np.abs(found - before).max() > 1
    np.testing.assert_allclose(found, model.predict_log_density(image, mean), atol=0.03)
    np.testing.assert_allclose(before, model.predict_log_density(image, "uniform"))
    model.save(tmp_path / name) if name.endswith(".keras") else model.save_weights(tmp_path / name)
    loaded = load_model(tmp_path / name)
    np.testing.assert_allclose(loaded.predict_log_density(image), found, atol=0.01)


def test_a_kept_centre_bias_that_is_damaged_is_told():
    config = build_model("icf").get_config()
    for damaged in ([["x"]], [[1.0], [1.0, 2.0]], [[float("nan")]], "uniform"):
        with pytest.raises(InputError, match="centre bias"):
            type(build_model("icf")).from_config({**config, "centre_bias": damaged})


def test_several_pictures_are_those_one_by_one(icf):
    images = [picture(40, 60), picture(40, 60), picture(50, 30)]
    together = list(icf.predict_log_densities(images, batch_size=3))
    for image, found in zip(images, together, strict=True):
        np.testing.assert_allclose(found, icf.predict_log_density(image), atol=1e-4)


def test_pictures_are_squeezed_into_a_size_that_is_given():
    model = build_model("icf", input_shape=(64, 96), activation="softplus")
    for size in [(64, 96), (96, 64), (40, 200)]:
        image = picture(*size)
        assert model.preprocess(image)[0].shape == (64, 96, 3), "so a batch holds any of them"
        assert model.predict_log_density(image).shape == size


@pytest.mark.parametrize(
    ("options", "cells"),
    [
        ({}, 8.0),  # of 4 pixels, as in the source
        ({"readout_stride": 8}, 2.0),
        ({"readout_stride": 4, "input_shape": (288, 384)}, 1.5),
        ({"readout_stride": 16, "input_shape": (128, 128)}, 0.5),
    ],
)
def test_the_blur_starts_as_wide_on_the_picture_whatever_the_grid(options, cells):
    model = build_model("deepgaze2", encoder="mobilenet", **options)
    assert model.get_layer("blur").sigma == pytest.approx(cells)
    assert model.get_layer("blur").sigma_max == pytest.approx(4 * cells)


def test_max_side_gives_a_smaller_density(icf):
    assert icf.predict_log_density(picture(200, 300), max_side=150).shape == (100, 150)


def test_a_history_changes_what_comes_next(deepgaze3):
    image = picture(80, 100)
    none = deepgaze3.predict_log_density(image)
    left = deepgaze3.predict_log_density(image, history=[(10, 40)])
    right = deepgaze3.predict_log_density(image, history=[(90, 40)])
    assert np.abs(left - right).max() > 1e-4
    assert np.abs(left - none).max() > 1e-6
    for found in (none, left, right):
        assert abs(np.log(np.exp(found).sum())) <= 1e-6


def test_only_the_last_four_fixations_count(deepgaze3):
    image = picture(80, 100)
    path = [(5, 5), (50, 20), (60, 70), (20, 30), (80, 60)]
    found = deepgaze3.predict_log_density(image, history=path)
    np.testing.assert_array_equal(found, deepgaze3.predict_log_density(image, history=path[1:]))
    moved = [(5, 5), (50, 20), (60, 70), (20, 30), (10, 10)]
    assert np.abs(found - deepgaze3.predict_log_density(image, history=moved)).max() > 1e-6


def test_a_model_without_scanpath_refuses_a_history(icf):
    with pytest.raises(ConfigError, match="no scanpath"):
        icf.predict_log_density(picture(20, 20), history=[(1, 2)])
