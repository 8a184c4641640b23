"""SALICON: two scales, grids of Caffe's rounding, the order of the features, splines."""

import keras
import numpy as np
import pytest
from scipy.ndimage import zoom

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.base.colours import CAFFE
from keras_saliency.models._spline import spline_resize


def test_grids_at_the_released_size():
    model = build_model("salicon")
    grids = [model.get_layer(f"coarse_block{k}_pool").output.shape[1:3] for k in range(1, 6)]
    assert grids == [(300, 400), (150, 200), (75, 100), (38, 50), (19, 25)]
    assert model.get_layer("fine_block5_pool").output.shape[1:] == (38, 50, 512)
    assert model.output_shape == (None, 38, 50, 1)
    assert [trunk.prefix for trunk in model.trunks] == ["coarse_", "fine_"]


def test_one_trunk_for_both_scales():
    model = build_model("salicon", input_shape=(64, 64), tied=True)
    assert model.count_params() == 14_715_713
    assert [len(trunk.layers) for trunk in model.trunks] == [13]
    x = np.random.default_rng(0).normal(size=(1, 64, 64, 3)).astype(np.float32)
    tower = model.get_layer("tower")
    whole = keras.Model(model.input, model.get_layer("features").output)(x)
    np.testing.assert_allclose(np.asarray(whole)[..., 512:], np.asarray(tower(x)), rtol=1e-4)


def test_the_coarse_features_come_first_and_are_interpolated_from_corner_to_corner(set_weights):
    model = build_model("salicon", input_shape=(96, 128))
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if layer.weights:
            kernel, bias = layer.get_weights()
            scale = np.sqrt(2 / np.prod(kernel.shape[:-1]))
            layer.set_weights([rng.normal(0, scale, kernel.shape), bias])
    x = rng.normal(size=(1, 96, 128, 3)).astype(np.float32)
    inner = [model.get_layer(n).output for n in ("coarse_block5_pool", "features", "map")]
    coarse, features, found = (np.asarray(t) for t in keras.Model(model.input, inner)(x))
    assert coarse.shape[1:3] == (2, 2)
    assert features.shape[1:3] == (3, 4)
    left = zoom(coarse[0], (3 / 2, 4 / 2, 1), order=1)
    np.testing.assert_allclose(features[0, ..., :512], left, rtol=1e-4, atol=1e-5)
    kernel, bias = model.get_layer("map").get_weights()
    wanted = 1 / (1 + np.exp(-(features @ kernel[0, 0] + bias)))
    np.testing.assert_allclose(found, wanted, rtol=1e-4)


def test_the_last_layer_starts_at_zero():
    model = build_model("salicon", input_shape=(32, 32))
    x = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype(np.float32)
    np.testing.assert_array_equal(model(x), 0.5)


def test_pictures_lose_their_mean_and_are_resized_by_splines_that_may_overshoot():
    model = build_model("salicon", input_shape=(48, 64))
    picture = np.random.default_rng(0).integers(0, 256, (20, 31, 3)).astype(np.uint8)
    found, plan = model.preprocess(picture)
    wanted = zoom(CAFFE(picture.astype(np.float32)) / 255, (48 / 20, 64 / 31, 1), mode="nearest")
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert found.min() < -123.68 / 255
    raw = np.array([[0.2, 0.8], [0.3, 0.2], [0.2, 0.2]], np.float32)
    back = model.front.finish(raw, plan)
    spline = zoom((raw - raw.min()) / np.ptp(raw), (20 / 3, 31 / 2), mode="nearest")
    assert spline.min() < 0
    np.testing.assert_allclose(back, np.clip(spline, 0, 1), atol=1e-6)


@pytest.mark.parametrize("order", [1, 3])
@pytest.mark.parametrize(
    ("shape", "size"), [((9, 7, 2), (23, 5)), ((1, 6, 1), (4, 1)), ((5, 5), (5, 5))]
)
def test_two_matrices_do_what_scipys_zoom_does(order, shape, size):
    values = np.random.default_rng(0).normal(size=shape)
    factors = [m / n for m, n in zip(size, shape, strict=False)] + [1] * (len(shape) - 2)
    wanted = zoom(values, factors, order=order, mode="nearest")
    np.testing.assert_allclose(spline_resize(values, size, order), wanted, atol=1e-10)


def test_another_trunk_brings_its_colours_and_its_deepest_tap():
    model = build_model("salicon", input_shape=(64, 64), encoder="alexnet")
    assert model.get_layer("features").output.shape[1:] == (3, 3, 512)
    assert model.front.colours is CAFFE
    convolution = keras.layers.Conv2D(4, 3, strides=2, padding="same")
    own = keras.Sequential([keras.Input((None, None, 3)), convolution])
    with pytest.raises(ConfigError, match="tied=True"):
        build_model("salicon", input_shape=(64, 64), encoder=own)
    model = build_model("salicon", input_shape=(64, 64), encoder=own, tied=True)
    assert model.get_layer("features").output.shape[-1] == 8
