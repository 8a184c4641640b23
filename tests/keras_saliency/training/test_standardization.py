import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency.layers.standardize import Standardize
from keras_saliency.training.standardization import learn_standardization

RNG = np.random.default_rng(0)


def network():
    inputs = keras.Input((None, None, 3))
    x = Standardize(name="first")(keras.layers.Conv2D(4, 1, name="features")(inputs))
    return keras.Model(inputs, Standardize(name="second")(keras.layers.Conv2D(2, 1)(x)))


def test_features_of_the_training_images_have_mean_0_and_deviation_1():
    model = network()
    batches = [RNG.normal(7, 3, (2, size, 5, 3)).astype(np.float32) for size in (4, 6)]
    learn_standardization(model, batches)
    for name in ("first", "second"):
        part = keras.Model(model.input, model.get_layer(name).output)
        found = np.concatenate([np.reshape(part(b), (-1, part.output.shape[-1])) for b in batches])
        np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-4)
        np.testing.assert_allclose(found.std(axis=0), 1, rtol=1e-4)


def test_a_readout_of_deepgaze_learns_them_from_pictures_and_centre_biases():
    from keras_saliency import build_model

    model = build_model("deepgaze2", input_shape=(64, 64), encoder="mobilenet")
    size = [(2, *tensor.shape[1:]) for tensor in model.inputs]
    batch = [RNG.uniform(0, 1, tuple(n or 64 for n in shape)).astype("float32") for shape in size]
    learn_standardization(model, [batch])
    layers = [layer for layer in model.layers if isinstance(layer, Standardize)]
    assert layers
    assert all((np.asarray(layer.deviation) != 1).any() for layer in layers)


def test_what_cannot_be_learned_is_said():
    inputs = keras.Input((4, 4, 3))
    with pytest.raises(ConfigError, match="standardises nothing"):
        learn_standardization(keras.Model(inputs, keras.layers.ReLU()(inputs)), [])
    with pytest.raises(ConfigError, match="a list"):
        learn_standardization(network(), (batch for batch in ()))
    with pytest.raises(ValueError, match="no features"):
        learn_standardization(network(), [])
