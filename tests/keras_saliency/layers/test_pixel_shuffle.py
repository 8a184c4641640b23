import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.layers.pixel_shuffle import PixelShuffle


def test_eight_channels_of_a_pixel_by_hand():
    eight = np.arange(8, dtype="float32").reshape(1, 1, 1, 8)
    got = np.asarray(PixelShuffle(2)(eight))[0]
    np.testing.assert_array_equal(got[..., 0], [[0, 1], [2, 3]])
    np.testing.assert_array_equal(got[..., 1], [[4, 5], [6, 7]])


@pytest.mark.parametrize(("r", "channels"), [(1, 3), (2, 1), (3, 2)])
def test_every_channel_goes_to_its_place(r, channels):
    x = np.random.default_rng(0).normal(size=(2, 3, 4, channels * r * r)).astype("float32")
    got = np.asarray(PixelShuffle(r)(x))
    assert got.shape == (2, 3 * r, 4 * r, channels)
    for b, y, k, c in np.ndindex(2, 3, 4, channels):
        for dy, dx in np.ndindex(r, r):
            assert got[b, y * r + dy, k * r + dx, c] == x[b, y, k, c * r * r + dy * r + dx]


def test_the_gradient_is_the_inverse_order(gradient):
    x = np.zeros((1, 2, 2, 4), dtype="float32")
    weights = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
    (got,) = gradient(PixelShuffle(2), (x,), weights)
    np.testing.assert_array_equal(got[0, 1, 0], [8, 9, 12, 13])


def test_channels_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match=r"divisible by factor\^2 = 4; found 6"):
        PixelShuffle(2)(np.zeros((1, 1, 1, 6), dtype="float32"))


def test_a_factor_below_one_is_refused():
    with pytest.raises(ValueError, match="found 0"):
        PixelShuffle(0)
