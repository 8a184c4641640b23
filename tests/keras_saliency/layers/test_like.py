"""Cropping to, and spreading over, the size of another tensor."""

import keras
import numpy as np
import pytest

from keras_saliency.layers.like import BroadcastLike, CropLike


def grid(*shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def test_a_window_is_cut_at_the_offset():
    x, like = grid(2, 6, 7, 3), np.zeros((2, 3, 4, 1), np.float32)
    np.testing.assert_array_equal(CropLike(2)([x, like]), x[:, 2:5, 2:6])


def test_unknown_sides_are_cut_when_they_are_known():
    inputs = [keras.Input((None, None, 3)), keras.Input((None, None, 1))]
    layer = CropLike(1)
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape == (None, None, None, 3)
    for height, width in ((2, 5), (4, 3)):
        x, like = grid(1, 7, 8, 3), np.zeros((1, height, width, 1), np.float32)
        found = model.predict_on_batch([x, like])
        np.testing.assert_array_equal(found, x[:, 1 : 1 + height, 1 : 1 + width])


def test_a_window_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="a window of 5 at 2 does not fit into 6"):
        CropLike(2)([keras.Input((6, 9, 1)), keras.Input((5, 4, 1))])
    with pytest.raises(ValueError, match="offset must be 0 or more, got -1"):
        CropLike(-1)


def test_one_cell_is_spread():
    x, like = grid(2, 1, 1, 3), np.zeros((2, 4, 5, 7), np.float32)
    found = np.asarray(BroadcastLike()([x, like]))
    np.testing.assert_array_equal(found, np.tile(x, (1, 4, 5, 1)))


@pytest.mark.parametrize("layer", [CropLike(3, name="a"), BroadcastLike(name="b")])
def test_a_layer_comes_back_from_its_config(layer):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()
    shapes = [(None, 9, 9, 2), (None, 4, 5, 1)]
    assert again.compute_output_shape(shapes) == (None, 4, 5, 2)
