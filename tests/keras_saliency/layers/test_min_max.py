"""Maps scaled inside the network."""

import keras
import numpy as np
import pytest

from keras_saliency.layers.min_max import MinMax, SubtractMinimum


def test_each_map_is_scaled_by_its_own_range():
    x = np.array([[1.0, 3, 5], [-2, -2, 8]], np.float32).reshape(2, 1, 3, 1)
    found = np.asarray(MinMax(epsilon=1e-7)(x)).reshape(2, 3)
    np.testing.assert_allclose(found, [[0, 0.5, 1], [0, 0, 1]], rtol=1e-6)


def test_epsilon_is_part_of_the_divisor():
    x = np.array([0.0, 1, 2], np.float32).reshape(1, 1, 3, 1)
    np.testing.assert_allclose(np.asarray(MinMax(epsilon=2.0)(x)).ravel(), [0, 0.25, 0.5])


def test_a_constant_map_becomes_zero():
    np.testing.assert_array_equal(MinMax()(np.full((1, 2, 2, 1), 7, np.float32)), 0)


def test_half_precision_is_scaled_in_float32():
    # 1e-7 is below the smallest float16: a constant map would be 0/0
    found = MinMax(dtype="float16")(np.full((1, 2, 2, 1), 7, np.float16))
    assert keras.backend.standardize_dtype(found.dtype) == "float16"
    np.testing.assert_array_equal(found, 0)


def test_epsilon_must_be_above_0():
    with pytest.raises(ValueError, match="epsilon must be above 0"):
        MinMax(epsilon=0)


def test_a_negative_minimum_is_lifted_to_0_of_that_picture_alone():
    x = np.array([[-3.0, 1], [2, 5]], np.float32).reshape(2, 1, 2, 1)
    found = np.asarray(SubtractMinimum()(x)).reshape(2, 2)
    np.testing.assert_array_equal(found, [[0, 4], [2, 5]])


@pytest.mark.parametrize("layer", [MinMax(0.5, name="a"), SubtractMinimum(name="b")])
def test_a_layer_comes_back_from_its_config(layer):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()
    assert again.compute_output_shape((None, None, None, 2)) == (None, None, None, 2)
