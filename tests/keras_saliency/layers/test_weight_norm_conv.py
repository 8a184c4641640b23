import numpy as np
import pytest

pytest.importorskip("keras")
from keras import ops

from keras_saliency.layers.weight_norm_conv import WeightNormConv2D


def built(shape, weights, **options):
    layer = WeightNormConv2D(**options)
    layer.build(shape)
    layer.set_weights(weights)
    return layer


def test_three_and_four_by_hand():
    ones = np.ones((1, 1, 1, 2), dtype="float32")
    for scale in (1, 10):
        kernel = scale * np.array([3.0, 4.0]).reshape(1, 1, 2, 1)
        layer = built(ones.shape, [kernel, np.zeros(1)], filters=1, kernel_size=1)
        assert float(layer(ones)[0, 0, 0, 0]) == pytest.approx(1.4, abs=1e-6)


def test_agrees_with_a_convolution_of_the_normalised_kernel():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 5, 6, 3)).astype("float32")
    kernel, bias = rng.normal(size=(3, 3, 3, 4)), rng.normal(size=4)
    unit = kernel / np.sqrt(1e-6 + (kernel**2).sum((0, 1, 2)))
    layer = built(x.shape, [kernel, bias], filters=4, kernel_size=3, activation="relu")
    plain = ops.conv(x, unit.astype("float32"), padding="same", data_format="channels_last")
    expected = np.maximum(np.asarray(plain) + bias, 0)
    np.testing.assert_allclose(np.asarray(layer(x)), expected, atol=1e-5)


def test_the_scale_of_a_kernel_does_not_matter():
    x = np.random.default_rng(1).normal(size=(1, 4, 4, 2)).astype("float32")
    layer = WeightNormConv2D(3, 3)
    before = np.asarray(layer(x))
    kernel, bias = layer.get_weights()
    layer.set_weights([7 * kernel, bias])
    np.testing.assert_allclose(np.asarray(layer(x)), before, rtol=1e-4, atol=1e-5)


def test_the_discriminators_layer_counts_no_gain():
    layer = WeightNormConv2D(64, 3)
    layer.build((None, None, None, 64))
    assert layer.count_params() == 36_928


def test_a_zero_kernel_gives_the_bias():
    layer = WeightNormConv2D(2, 3, kernel_initializer="zeros", bias_initializer="ones")
    got = np.asarray(layer(np.ones((1, 3, 3, 1), dtype="float32")))
    np.testing.assert_array_equal(got, 1)


def test_the_gradient_is_that_of_finite_differences(gradient):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(1, 3, 3, 2)).astype("float32")
    weights = rng.normal(size=(1, 3, 3, 2)).astype("float32")
    kernel = rng.normal(size=(1, 1, 2, 2))
    layer = built(x.shape, [kernel, np.zeros(2)], filters=2, kernel_size=1)
    _, got, _ = gradient(layer, (x,), weights)

    def loss(w):
        return ((x @ (w / np.sqrt(1e-6 + (w**2).sum((0, 1, 2))))[0, 0]) * weights).sum()

    for at in np.ndindex(kernel.shape):
        step = np.zeros_like(kernel)
        step[at] = 1e-5
        assert got[at] == pytest.approx(
            (loss(kernel + step) - loss(kernel - step)) / 2e-5, abs=1e-4
        )
    # along the kernel itself nothing changes
    np.testing.assert_allclose((got * kernel).sum((0, 1, 2)), 0, atol=1e-5)
