"""Keras' convolution in place: the same layer, the same files."""

import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from keras_saliency.layers import Conv2D

OPTIONS = {"padding": "same", "dilation_rate": 3, "activation": "relu"}


def network(kind):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((12, 14, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", data_format="channels_last")(inputs)
    x = kind(5, 3, data_format="channels_last", **OPTIONS)(x)
    return keras.Model(inputs, kind(2, 1, data_format="channels_last")(x))


def test_it_is_keras_layer_to_the_files(tmp_path):
    """A weights file of either loads into the other, layer by layer and in order."""
    ours, theirs = network(Conv2D), network(keras.layers.Conv2D)
    images = np.random.default_rng(0).normal(size=(2, 12, 14, 3)).astype("float32")
    for first, second in ((ours, theirs), (theirs, ours)):
        first.set_weights([w + 0.25 for w in first.get_weights()])
        first.save_weights(tmp_path / "one.weights.h5")
        second.load_weights(tmp_path / "one.weights.h5")
        np.testing.assert_allclose(
            first.predict_on_batch(images), second.predict_on_batch(images), atol=1e-5
        )


def test_it_has_the_options_of_keras_layer():
    ours = Conv2D(5, 3, name="one", **OPTIONS)
    assert ours.get_config() == keras.layers.Conv2D(5, 3, name="one", **OPTIONS).get_config()


def test_channels_first_is_left_to_keras():
    layer = Conv2D(5, 3, data_format="channels_first", **OPTIONS)
    assert layer.compute_output_shape((2, 3, 12, 14)) == (2, 5, 12, 14)
    if keras.config.backend() == "jax":  # TensorFlow on a processor convolves channels last alone
        assert layer(np.ones((2, 3, 12, 14), "float32")).shape == (2, 5, 12, 14)
