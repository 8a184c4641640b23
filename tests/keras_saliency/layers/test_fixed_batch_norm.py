import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from keras_saliency.layers.fixed_batch_norm import FixedBatchNormalization


def test_six_becomes_seven_in_training_too():
    layer = FixedBatchNormalization(epsilon=0.0)
    six = np.full((2, 3, 3, 1), 6.0, np.float32)
    layer(six)
    layer.set_weights([np.array([v]) for v in (3.0, 1.0, 2.0, 4.0)])
    for training in (False, True):
        np.testing.assert_allclose(np.asarray(layer(six, training=training)), 7, rtol=1e-6)


def test_statistics_stay_while_scale_and_shift_learn():
    inputs = keras.Input((4, 4, 2))
    model = keras.Model(inputs, FixedBatchNormalization(name="norm")(inputs))
    assert len(model.trainable_weights) == 2
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = model.get_weights()
    x = np.random.default_rng(0).normal(3, 2, (4, 4, 4, 2)).astype(np.float32)
    model.fit(x, np.zeros_like(x), verbose=0)
    names = [w.name for w in model.get_layer("norm").weights]
    changed = [bool((a != b).any()) for a, b in zip(before, model.get_weights(), strict=True)]
    assert dict(zip(names, changed, strict=True)) == {
        "gamma": True,
        "beta": True,
        "moving_mean": False,
        "moving_variance": False,
    }
