import pytest

pytest.importorskip("keras")

import keras

from keras_saliency.training import memory
from keras_saliency.training.memory import bytes_of_training, warn_of_memory


def network(side=8):
    inputs = keras.Input((side, side, 3))
    model = keras.Model(inputs, keras.layers.Conv2D(5, 3, padding="same", use_bias=False)(inputs))
    model.compile("sgd", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def test_bytes_by_hand():
    each, fixed = bytes_of_training(network())
    assert each == 4 * (8 * 8 * 3 + 8 * 8 * 5)
    assert fixed == memory.WORK + 4 * 3 * 3 * 3 * 5  # the kernel's gradient


def test_an_open_frame_cannot_be_told():
    assert bytes_of_training(network(None)) == (None, 0)
    assert warn_of_memory(network(None), 8, free=1) is None


def test_what_does_not_fit_is_told_with_a_batch_that_does():
    model = network(512)
    each, fixed = bytes_of_training(model)
    assert warn_of_memory(model, 4, free=fixed + 4 * each) is None
    said = warn_of_memory(model, 64, free=fixed + 5 * each)
    assert "a batch of 64 needs about 0.7 GB" in said
    assert "--batch 5 or less" in said


def test_layers_inside_a_network_count():
    inner = network()
    inputs = keras.Input((8, 8, 3))
    outer = keras.Model(inputs, keras.layers.ReLU()(inner(inputs)))
    outer.compile("sgd", "mse")
    outer.optimizer.build(outer.trainable_variables)
    each, _ = bytes_of_training(outer)
    assert each >= 4 * 8 * 8 * (3 + 5 + 5)
