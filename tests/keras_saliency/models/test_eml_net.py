"""EML-NET: the decoder over any encoders, and the paper's two."""

import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.backbones.adapters import encode
from keras_saliency.models.eml_net import eml_net


def tiny(channels, name):
    """A Keras model with taps at strides 2, 4, 8."""
    inputs = keras.Input((None, None, 3))
    x = inputs
    for k, width in enumerate(channels):
        x = keras.layers.Conv2D(width, 3, strides=2, padding="same", name=f"{name}_{k}")(x)
    return keras.Model(inputs, x, name=name)


@pytest.fixture
def two_tiny():
    return eml_net((64, 96), encoder=[tiny((3, 5, 7), "a"), tiny((2, 4, 6, 8), "b")])


def test_the_decoder_has_a_weight_for_every_channel_and_every_tap(two_tiny):
    taps = (5, 7, 4, 6, 8)  # beyond stride 2
    decoder = [two_tiny.get_layer(f"tap{k}") for k in range(5)] + [two_tiny.get_layer("combine")]
    assert [layer.count_params() for layer in decoder] == [*taps, len(taps)]
    assert two_tiny.get_layer("taps").output.shape[1:3] == (16, 24), "the largest tap's grid"
    assert two_tiny.output_shape == (None, 64, 96, 1)


def test_means_of_taps_of_ones_are_one(two_tiny, set_weights):
    encoders = {layer.name: (0.0, 1.0) for trunk in two_tiny.trunks for layer in trunk.layers}
    decoder = {f"tap{k}": 1 / c for k, c in enumerate((5, 7, 4, 6, 8))}
    set_weights(two_tiny, {**encoders, **decoder, "combine": 1 / 5})
    found = two_tiny(np.zeros((1, 64, 96, 3), np.float32), training=False)
    np.testing.assert_allclose(found, 1, rtol=1e-6)


def test_one_encoder_by_name_prepares_its_colours():
    model = build_model("eml_net", input_shape=(64, 64), encoder="mobilenet")
    colours = model.get_layer("colours")
    np.testing.assert_allclose(
        np.asarray(colours(np.full((1, 1, 1, 3), 255.0)))[0, 0, 0], 1, rtol=1e-6
    )
    channels = [model.get_layer(f"tap{k}").kernel.shape[2] for k in range(4)]
    assert channels == [128, 256, 512, 1024]


def test_the_second_stage_trains_the_decoder_alone():
    model = build_model("eml_net", input_shape=(64, 64), encoder="mobilenet", freeze="encoders")
    trained = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert trained == 128 + 256 + 512 + 1024 + 4


def test_bad_options():
    with pytest.raises(ConfigError, match="at least one encoder"):
        eml_net(encoder=[])
    with pytest.raises(ConfigError, match="freeze must be"):
        eml_net((64, 64), encoder="mobilenet", freeze="all")
    with pytest.raises(ConfigError, match="multiples of 32"):
        eml_net((40, 64), encoder="mobilenet")


def test_densenet_is_tapped_before_its_transitions():
    trunk = encode("densenet161", keras.Input((480, 640, 3)))
    taps = [
        trunk.taps[name].shape[1:]
        for name in (
            *("conv2_block6_concat", "conv3_block12_concat", "conv4_block36_concat"),
            "relu",
        )
    ]
    assert taps == [(120, 160, 384), (60, 80, 768), (30, 40, 2112), (15, 20, 2208)]


@pytest.mark.large
def test_the_papers_decoder():
    model = build_model("eml_net", freeze="encoders")
    channels = [model.get_layer(f"tap{k}").kernel.shape[2] for k in range(7)]
    assert sorted(channels) == sorted([384, 768, 2112, 2208, 1344, 2688, 4032])
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 13_543
    assert model.get_layer("combine").output.shape == (None, 120, 160, 1)
    assert model.output_shape == (None, 480, 640, 1)


@pytest.mark.parametrize("seed", range(12))
def test_no_start_is_dead_and_every_head_learns(seed):
    keras.utils.set_random_seed(seed)
    rectified = keras.Input((None, None, 3))
    x = rectified
    for k, width in enumerate((8, 8, 8)):
        options = {"strides": 2, "padding": "same", "activation": "relu"}
        x = keras.layers.Conv2D(width, 3, **options, name=f"a_{k}")(x)
    model = eml_net((32, 32), encoder=[keras.Model(rectified, x, name="a")])
    pictures = np.random.default_rng(0).random((2, 32, 32, 3)).astype("float32")
    found = np.asarray(model(pictures, training=False))
    assert (found.max(axis=(1, 2, 3)) > found.min(axis=(1, 2, 3))).all()
    heads = [model.get_layer(name) for name in ("tap0", "tap1", "combine")]
    before = [np.asarray(head.kernel) for head in heads]
    model.compile("sgd", "mse", run_eagerly=True)
    model.train_on_batch(pictures, np.random.default_rng(1).random((2, 32, 32, 1)))
    for head, was in zip(heads, before, strict=True):
        assert (np.asarray(head.kernel) != was).any(), head.name
