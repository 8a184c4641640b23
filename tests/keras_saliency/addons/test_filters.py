import numpy as np
import pytest

pytest.importorskip("keras")
import keras
from scipy.ndimage import median_filter, uniform_filter

from keras_saliency.addons.filters import mean_filter2d, median_filter2d

RNG = np.random.default_rng(4)
IMAGES = RNG.normal(size=(2, 8, 7, 2)).astype("float32")
MODES = {"REFLECT": "mirror", "SYMMETRIC": "reflect", "CONSTANT": "constant"}
PAIRS = [(mean_filter2d, np.mean), (median_filter2d, np.median)]


@pytest.mark.parametrize("padding", MODES)
@pytest.mark.parametrize("window", [(3, 3), (5, 3), (1, 7)])
def test_odd_windows_agree_with_scipy(padding, window):
    shape, double = (1, *window, 1), IMAGES.astype(float)
    mean = uniform_filter(double, shape, mode=MODES[padding], cval=0.5)
    median = median_filter(double, shape, mode=MODES[padding], cval=0.5)
    got = mean_filter2d(IMAGES, window, padding, 0.5)
    np.testing.assert_allclose(np.asarray(got), mean, atol=1e-6)
    got = median_filter2d(IMAGES, window, padding, 0.5)
    np.testing.assert_allclose(np.asarray(got), median, atol=1e-6)


@pytest.mark.parametrize(("function", "of"), PAIRS)
def test_even_windows_reach_further_after_the_pixel(function, of):
    got = np.asarray(function(IMAGES[0, ..., 0], (2, 4), "SYMMETRIC"))
    padded = np.pad(IMAGES[0, ..., 0], ((0, 1), (1, 2)), mode="symmetric")
    expected = [[of(padded[i : i + 2, j : j + 4]) for j in range(7)] for i in range(8)]
    np.testing.assert_allclose(got, expected, atol=1e-6)


@pytest.mark.parametrize(("function", "expected"), [(mean_filter2d, 5 / 3), (median_filter2d, 2)])
def test_one_row_by_hand(function, expected):
    got = np.asarray(function(np.array([[1, 2, 6]], "float32"), (1, 3)))
    assert got[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize(("function", "of"), PAIRS)
def test_integers_are_truncated_and_ranks_kept(function, of):
    image = RNG.integers(0, 256, (6, 5, 3)).astype("uint8")
    got = function(image, 2)
    assert "uint8" in str(got.dtype)
    padded = np.pad(image, ((0, 1), (0, 1), (0, 0)), mode="reflect").astype(float)
    stack = [padded[a : a + 6, b : b + 5] for a in range(2) for b in range(2)]
    np.testing.assert_array_equal(np.asarray(got), np.floor(of(stack, axis=0)))


@pytest.mark.parametrize("function", [mean_filter2d, median_filter2d])
@pytest.mark.parametrize(
    ("image", "options", "words"),
    [
        (IMAGES, {"padding": "EDGE"}, "found 'EDGE'"),
        (IMAGES, {"filter_shape": (3, 0)}, "at least 1 pixel"),
        (IMAGES[0, 0, :, 0], {}, r"found the shape \(7,\)"),
    ],
)
def test_bad_arguments_are_named(function, image, options, words):
    with pytest.raises(ValueError, match=words):
        function(image, **options)


class Through(keras.layers.Layer):
    """Both filters."""

    def call(self, inputs):
        return median_filter2d(mean_filter2d(inputs, 3), (2, 3))

    def compute_output_shape(self, input_shape):
        return input_shape


def test_sizes_may_be_unknown_and_change():
    model = keras.Sequential([keras.Input((None, None, 2)), Through()])
    for size in ((5, 6), (7, 4)):
        x = RNG.normal(size=(2, *size, 2)).astype("float32")
        np.testing.assert_allclose(model.predict(x, verbose=0), Through()(x), atol=1e-6)
