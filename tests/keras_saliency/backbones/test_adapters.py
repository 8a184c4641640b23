"""Trunks by name, and Keras models as trunks."""

import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.adapters import (
    HOMES,
    colours_of,
    encode,
    get_backbone,
    list_backbones,
)
from keras_saliency.base.colours import CAFFE, PLAIN, TORCH, Colours


def test_every_listed_name_gives_the_backbone_of_that_name():
    assert len(list_backbones()) == sum(map(len, HOMES.values()))
    for name in list_backbones():
        backbone = get_backbone(name)
        assert backbone.name == name
        assert len(backbone.taps) == len(backbone.strides)
        assert bool(backbone.file) == bool(backbone.url)


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(ConfigError, match=r"unknown encoder 'resnet5': did you mean 'resnet50'\?"):
        encode("resnet5", keras.Input((32, 32, 3)))
    with pytest.raises(ConfigError, match=r"'zzzz': known are alexnet"):
        get_backbone("zzzz")


def test_a_stride_that_a_trunk_does_not_have():
    trunk = encode("vgg_m", keras.Input((64, 64, 3)))
    with pytest.raises(ConfigError, match=r"vgg_m has no tap of stride 4; it has 2, 8, 16"):
        trunk.tap(4)


def test_colours():
    pixels = np.array([[[255.0, 0, 51]]], np.float32)
    np.testing.assert_allclose(
        CAFFE(pixels)[0, 0], [51 - 103.939, -116.779, 255 - 123.68], rtol=1e-6
    )
    np.testing.assert_allclose(
        TORCH(pixels)[0, 0],
        [(1 - 0.485) / 0.229, -0.456 / 0.224, (0.2 - 0.406) / 0.225],
        rtol=1e-5,
    )
    assert colours_of("vgg16") is CAFFE
    assert colours_of(get_backbone("densenet121")) is TORCH
    assert colours_of(keras.Sequential()) is PLAIN
    assert Colours() == PLAIN


@pytest.fixture
def own():
    """Five convolutions of stride 2, two of them in a nested model."""
    inputs = keras.Input((None, None, 8))
    x = keras.layers.Conv2D(9, 3, strides=2, padding="same", name="deep1")(inputs)
    nested = keras.Model(inputs, keras.layers.Conv2D(10, 1, name="deep2")(x), name="nested")
    inputs = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(7, 3, strides=2, padding="same", name="first")(inputs)
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same", name="second")(x)
    return keras.Model(inputs, keras.layers.ReLU(name="end")(nested(x)), name="own")


def test_a_keras_model_is_tapped_at_the_last_layer_of_each_resolution(own):
    picture = keras.Input((64, 96, 3))
    trunk = encode(own, picture)
    assert trunk.backbone.strides == (2, 4, 8)
    assert trunk.backbone.taps == ("first", "second", "end")
    assert [trunk.tap(s).shape[1:] for s in (2, 4, 8)] == [(32, 48, 7), (16, 24, 8), (8, 12, 10)]
    assert [layer.name for layer in trunk.layers] == ["first", "second", "deep1", "deep2"]
    x = np.random.default_rng(0).random((1, 64, 96, 3)).astype(np.float32)
    np.testing.assert_allclose(
        keras.Model(picture, trunk.tap(8))(x), np.asarray(own(x)), rtol=1e-5, atol=1e-6
    )


def test_a_model_with_two_inputs_is_refused():
    inputs = [keras.Input((None, None, 3)) for _ in range(2)]
    two = keras.Model(inputs, keras.layers.Add()(inputs), name="two")
    with pytest.raises(ConfigError, match="two: expected a functional Keras model with one input"):
        encode(two, keras.Input((64, 64, 3)))


def test_a_model_that_is_no_graph_is_refused():
    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ConfigError, match="expected a functional Keras model"):
        encode(Own(name="own"), keras.Input((64, 64, 3)))


def test_two_trunks_stand_in_one_model_under_prefixes():
    picture = keras.Input((64, 64, 3))
    trunks = [encode("mobilenet", picture, prefix=p, alpha=0.25) for p in ("a_", "b_")]
    model = keras.Model(picture, [trunk.tap(32) for trunk in trunks])
    assert model.get_layer("a_conv1") is not model.get_layer("b_conv1")
    assert [len(trunk.layers) for trunk in trunks] == [54, 54]


@pytest.mark.parametrize("side", [224, 240, 96])
def test_a_keras_model_of_a_fixed_size_is_tapped_at_that_size(side):
    fixed = keras.applications.MobileNet(
        weights=None, include_top=False, input_shape=(side, side, 3)
    )
    trunk = encode(fixed, keras.Input((side, side, 3)))
    assert trunk.backbone.strides == (2, 4, 8, 16, 32)
    for stride in trunk.backbone.strides:
        assert trunk.tap(stride).shape[1] in (side // stride, -(-side // stride))


def test_pictures_that_a_keras_model_does_not_take_are_refused_with_the_size_it_takes():
    fixed = keras.applications.MobileNet(weights=None, include_top=False, input_shape=(96, 128, 3))
    with pytest.raises(ConfigError, match=r"96x128 .* 160x160. Fix: input_shape=\(96, 128\)"):
        encode(fixed, keras.Input((160, 160, 3)))
    gray = keras.Input((32, 32, 1))
    with pytest.raises(ConfigError, match=r"takes \(32, 32, 1\); expected pictures"):
        encode(keras.Model(gray, keras.layers.Conv2D(2, 3)(gray)), keras.Input((32, 32, 3)))


def test_a_keras_model_without_a_layer_of_a_known_stride():
    picture = keras.Input((None, None, 3))
    odd = keras.Model(picture, keras.layers.Conv2D(2, 3, strides=3)(picture), name="thirds")
    with pytest.raises(ConfigError, match="encoder thirds: none of its layers"):
        encode(odd, keras.Input((64, 64, 3)))
