import numpy as np
import pytest

pytest.importorskip("keras")
from keras import ops

from keras_saliency.layers.location_bias import LocationBiasedConv2D

SPREADS = (0.1, 0.2, 0.3, 0.4)


def blobs(rows, columns):
    """Sixteen centred Gaussians (rows, columns, 16), float64."""
    y = (np.arange(rows) + 0.5) / rows - 0.5
    x = (np.arange(columns) + 0.5) / columns - 0.5
    return np.stack(
        [
            np.exp(-(y[:, None] ** 2) / (2 * sy**2) - x[None, :] ** 2 / (2 * sx**2))
            for sy in SPREADS
            for sx in SPREADS
        ],
        -1,
    )


def built(shape, weights, **options):
    layer = LocationBiasedConv2D(**options)
    layer.build(shape)
    layer.set_weights(weights)
    return layer


def test_a_blob_of_one_half_by_hand():
    # one row of three pixels: the outer ones lie 1/3 off, at sigma .3 of the width exp(-.6173)
    kernel = np.zeros((1, 1, 17, 1))
    kernel[0, 0, 1 + 2] = 2
    layer = built(
        (None, 1, 3, 1),
        [kernel, np.array([-0.25])],
        filters=1,
        kernel_size=1,
        activation="relu",
    )
    got = np.asarray(layer(np.zeros((1, 1, 3, 1), dtype="float32"))).ravel()
    value = np.exp(-0.5 * (1 / 3 / 0.3) ** 2)
    assert value == pytest.approx(0.5394, abs=1e-4)
    np.testing.assert_allclose(got, [2 * value - 0.25, 1.75, 2 * value - 0.25], rtol=1e-5)


@pytest.mark.parametrize(("k", "dilation"), [(1, 1), (3, 1), (3, 2), (5, 1)])
@pytest.mark.parametrize("size", [(6, 8), (9, 5), (1, 1)])
def test_is_a_convolution_of_the_input_joined_with_the_blobs(k, dilation, size):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, *size, 3)).astype("float32")
    kernel, bias = rng.normal(size=(k, k, 19, 2)), rng.normal(size=2)
    layer = built(x.shape, [kernel, bias], filters=2, kernel_size=k, dilation_rate=dilation)
    joined = np.concatenate([x, np.broadcast_to(blobs(*size), (2, *size, 16))], -1)
    expected = ops.conv(
        joined.astype("float32"),
        kernel.astype("float32"),
        padding="same",
        dilation_rate=dilation,
        data_format="channels_last",
    )
    got = np.asarray(layer(x))
    np.testing.assert_allclose(got, np.asarray(expected) + bias, rtol=1e-4, atol=1e-4)


def test_deepfix_has_its_number_of_parameters():
    layer = LocationBiasedConv2D(512, 5, dilation_rate=6, kernel_initializer="zeros")
    layer.build((None, None, None, 512))
    assert layer.count_params() == 6_758_912


def test_a_constant_image_gives_a_map_that_knows_its_place():
    layer = LocationBiasedConv2D(1, 1, kernel_initializer="ones")
    got = np.asarray(layer(np.ones((1, 9, 9, 1), dtype="float32")))[0, ..., 0]
    assert got.argmax() == 4 * 9 + 4
    assert got[4, 4] == pytest.approx(17.0)


def test_the_gradient_is_that_of_a_linear_map(gradient):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2, 4, 5, 2)).astype("float32")
    weights = rng.normal(size=(2, 4, 5, 3)).astype("float32")
    layer = built(
        (None, None, None, 2),
        [rng.normal(size=(1, 1, 18, 3)), np.zeros(3)],
        filters=3,
        kernel_size=1,
    )
    to_x, to_kernel, to_bias = gradient(layer, (x,), weights)
    joined = np.concatenate([x, np.broadcast_to(blobs(4, 5), (2, 4, 5, 16))], -1)
    kernel = layer.get_weights()[0][0, 0]
    np.testing.assert_allclose(to_x, weights @ kernel[:2].T, rtol=1e-4, atol=1e-5)
    expected = np.einsum("bhwc,bhwf->cf", joined, weights)
    np.testing.assert_allclose(to_kernel[0, 0], expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(to_bias, weights.sum((0, 1, 2)), rtol=1e-4, atol=1e-4)
