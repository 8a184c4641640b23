"""Layouts against the sums that define each framework's layers, through Keras layers."""

import keras
import numpy as np
import pytest

from keras_saliency.convert import _layouts

RNG = np.random.default_rng(1)
PICTURE = RNG.normal(size=(5, 6, 2)).astype(np.float32)


def run(layer, picture, arrays):
    if not layer.built:
        layer.build((None, *picture.shape))
    layer.set_weights(arrays)
    return np.asarray(layer(picture[None]))[0]


def slid(picture, kernel, sign):
    """Sum over out, in, a, b of kernel[o, i, a, b] x[i, row + sign (a - 1), column + ...]."""
    rows, columns, _ = picture.shape
    found = np.zeros((rows, columns, kernel.shape[0]))
    for r, c, a, b in np.ndindex(rows, columns, 3, 3):
        row, column = r + sign * (a - 1), c + sign * (b - 1)
        if 0 <= row < rows and 0 <= column < columns:
            found[r, c] += kernel[:, :, a, b] @ picture[row, column]
    return found


@pytest.mark.parametrize(
    ("layout", "sign"), [(_layouts.theano_convolution, -1), (_layouts.caffe_convolution, 1)]
)
def test_theano_turns_kernels_and_caffe_does_not(layout, sign):
    kernel, bias = RNG.normal(size=(3, 2, 3, 3)), RNG.normal(size=3)
    layer = keras.layers.Conv2D(3, 3, padding="same", data_format="channels_last")
    found = run(layer, PICTURE, layout(kernel, bias))
    np.testing.assert_allclose(found, slid(PICTURE, kernel, sign) + bias, atol=1e-5)


def test_an_impulse_shows_the_kernel_itself_on_theano_and_turned_elsewhere():
    kernel = np.arange(1.0, 10).reshape(1, 1, 3, 3)
    impulse = np.zeros((3, 3, 1), np.float32)
    impulse[1, 1] = 1
    layer = keras.layers.Conv2D(1, 3, padding="same", use_bias=False, data_format="channels_last")
    theano = run(layer, impulse, _layouts.theano_convolution(kernel))
    np.testing.assert_array_equal(theano[..., 0], kernel[0, 0])
    caffe = run(layer, impulse, _layouts.caffe_convolution(kernel))
    np.testing.assert_array_equal(caffe[..., 0], [[9, 8, 7], [6, 5, 4], [3, 2, 1]])


def test_groups_of_a_convolution():
    kernel = RNG.normal(size=(4, 1, 3, 3))
    layer = keras.layers.Conv2D(
        4, 3, padding="same", groups=2, use_bias=False, data_format="channels_last"
    )
    found = run(layer, PICTURE, _layouts.caffe_convolution(kernel))
    each = [slid(PICTURE[..., g : g + 1], kernel[2 * g : 2 * g + 2], 1) for g in (0, 1)]
    np.testing.assert_allclose(found, np.concatenate(each, axis=-1), atol=1e-5)


def test_transposed_convolutions_spread_their_kernel():
    kernel = RNG.normal(size=(2, 3, 4, 4))  # in, out, rows, columns
    layer = keras.layers.Conv2DTranspose(
        3, 4, strides=2, use_bias=False, data_format="channels_last"
    )
    found = run(layer, PICTURE, _layouts.caffe_convolution(kernel))
    wanted = np.zeros((12, 14, 3))
    for r, c in np.ndindex(5, 6):
        spread = np.tensordot(PICTURE[r, c], kernel, 1)
        wanted[2 * r : 2 * r + 4, 2 * c : 2 * c + 4] += np.moveaxis(spread, 0, -1)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_dense_layers_after_a_flatten_of_channels_rows_columns():
    kernel, bias = RNG.normal(size=(60, 4)), RNG.normal(size=4)
    wanted = np.moveaxis(PICTURE, -1, 0).ravel() @ kernel + bias
    arrays = _layouts.theano_dense(kernel, bias, grid=(5, 6))
    found = run(keras.layers.Dense(4), PICTURE.reshape(-1), arrays)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="reshape"):
        _layouts.theano_dense(kernel, bias, grid=(7, 6))


def test_a_dense_layer_that_follows_no_flatten_keeps_its_rows():
    kernel = RNG.normal(size=(6, 2))
    np.testing.assert_array_equal(_layouts.theano_dense(kernel)[0], kernel)


def normalised(mean, variance, gamma, beta):
    return gamma * (PICTURE - mean) / np.sqrt(variance + 1e-5) + beta


def test_batch_normalisation_of_keras_1_and_torch():
    gamma, beta, mean = RNG.normal(size=(3, 2))
    variance = RNG.uniform(0.5, 2, 2)  # called running_std by Keras 1
    layer = keras.layers.BatchNormalization(epsilon=1e-5)
    found = run(layer, PICTURE, _layouts.as_they_are(gamma, beta, mean, variance))
    np.testing.assert_allclose(found, normalised(mean, variance, gamma, beta), atol=1e-5)


def test_vectors_of_four_axes_become_vectors():
    bias = RNG.normal(size=(1, 1, 1, 3))
    _, found = _layouts.caffe_convolution(RNG.normal(size=(3, 2, 1, 1)), bias)
    np.testing.assert_array_equal(found, bias[0, 0, 0])


@pytest.mark.parametrize("shape", [(), (3,), (3, 2), (3, 2, 3, 3, 3)])
def test_a_kernel_without_four_axes_is_no_convolution(shape):
    with pytest.raises(ValueError, match="axes"):
        _layouts.theano_convolution(np.zeros(shape))
