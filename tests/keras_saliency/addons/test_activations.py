import numpy as np
import pytest

pytest.importorskip("keras")
import keras
from keras import ops

from keras_saliency.addons.activations import lisht, snake, sparsemax

X = np.linspace(-6, 6, 25, dtype="float32")


def test_values_by_hand():
    one = np.ones(1, "float32")
    assert float(lisht(ops.convert_to_tensor(one))[0]) == pytest.approx(0.7616, abs=1e-4)
    assert float(snake(ops.convert_to_tensor(one))[0]) == pytest.approx(1.7081, abs=1e-4)


def test_lisht_and_snake_agree_with_numpy():
    x = X.astype(float)
    tensor = ops.convert_to_tensor(X)
    np.testing.assert_allclose(np.asarray(lisht(tensor)), x * np.tanh(x), atol=1e-5)
    expected = x + np.sin(2 * x) ** 2 / 2
    np.testing.assert_allclose(np.asarray(snake(tensor, 2.0)), expected, atol=1e-5)


def nearest_of_simplex(z):
    """max(z - t, 0) with the t at which the values sum to 1, by bisection."""
    low, high = z.max() - 1, z.max()
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(z - middle, 0).sum() > 1 else (low, middle)
    return np.maximum(z - low, 0)


@pytest.mark.parametrize("scale", [0.1, 0.5, 3.0])
def test_sparsemax_is_the_nearest_point_of_the_simplex(scale):
    z = np.random.default_rng(0).normal(size=(2, 6, 9)) * scale
    got = np.asarray(sparsemax(ops.convert_to_tensor(z.astype("float32"))))
    np.testing.assert_allclose(got, np.apply_along_axis(nearest_of_simplex, -1, z), atol=1e-6)


def test_sparsemax_of_half_precision_keeps_its_dtype():
    got = sparsemax(ops.cast(np.array([[1, 0.75, 0.1]], "float32"), "bfloat16"))
    assert "bfloat16" in str(got.dtype)
    np.testing.assert_allclose(np.asarray(ops.cast(got, "float32")), [[0.625, 0.375, 0]])


@pytest.mark.parametrize("function", [lisht, snake, sparsemax])
def test_they_are_saved_by_name(function):
    layer = keras.layers.Dense(3, activation=function)
    again = keras.layers.Dense.from_config(layer.get_config())
    assert again.activation is function
