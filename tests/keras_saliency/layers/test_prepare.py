"""Colours prepared inside the network as outside of it."""

import keras
import numpy as np
import pytest

from keras_saliency.base.colours import CAFFE, LITE, PLAIN, SIGNED, TORCH, UNIT
from keras_saliency.layers.prepare import PrepareColours


def test_the_example_by_hand():
    layer = PrepareColours("bgr", 0.5, (1.0, 2.0, 3.0), (2.0, 4.0, 5.0))
    found = np.asarray(layer(np.array([[[[10.0, 20.0, 30.0]]]], np.float32)))[0, 0, 0]
    np.testing.assert_allclose(found, [(15 - 1) / 2, (10 - 2) / 4, (5 - 3) / 5])


@pytest.mark.parametrize("colours", [CAFFE, LITE, PLAIN, SIGNED, TORCH, UNIT])
def test_it_does_what_the_trunks_colours_do(colours):
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 3, 4, 3)).astype(np.float32)
    found = PrepareColours(**vars(colours))(pixels)
    np.testing.assert_allclose(found, colours(pixels), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"order": "grb"}, "order must be"), ({"mean": (1.0,)}, "three numbers")],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        PrepareColours(**options)


def test_a_layer_comes_back_from_its_config():
    layer = PrepareColours("bgr", 2.0, (1.0, 2.0, 3.0), (2.0, 4.0, 5.0), name="a")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert again.get_config() == layer.get_config()
    x = np.ones((1, 1, 1, 3), np.float32)
    np.testing.assert_array_equal(again(x), np.asarray(layer(x)))
