import numpy as np
import pytest

pytest.importorskip("keras")
from keras import ops
from scipy.ndimage import gaussian_filter

from keras_saliency.ops.blur import blur, correlate_separable, half_width

RNG = np.random.default_rng(3)
IMAGE = RNG.normal(size=(2, 17, 23, 2)).astype("float32")


@pytest.mark.parametrize("border", ["reflect", "mirror", "nearest", "constant"])
@pytest.mark.parametrize("sigma", [0.4, 1.3, 2.5, 9.0])
def test_agrees_with_scipy_also_when_the_window_is_wider_than_the_image(border, sigma):
    expected = gaussian_filter(IMAGE.astype("float64"), (0, sigma, sigma, 0), mode=border)
    np.testing.assert_allclose(np.asarray(blur(IMAGE, sigma, border=border)), expected, atol=2e-6)


def test_the_truncation_is_scipys():
    expected = gaussian_filter(IMAGE.astype("float64"), (0, 1.3, 1.3, 0), truncate=2.0)
    np.testing.assert_allclose(np.asarray(blur(IMAGE, 1.3, truncate=2.0)), expected, atol=2e-6)


def test_an_impulse_shows_the_window():
    impulse = np.zeros((1, 3, 3, 1), dtype="float32")
    impulse[0, 1, 1, 0] = 1
    side = np.exp(-0.5) / (1 + 2 * np.exp(-0.5))
    assert side == pytest.approx(0.2741, abs=1e-4)
    expected = np.outer([side, 1 - 2 * side, side], [side, 1 - 2 * side, side])
    got = np.asarray(blur(impulse, 1.0, border="constant", radius=1))[0, ..., 0]
    np.testing.assert_allclose(got, expected, atol=1e-7)


@pytest.mark.parametrize(
    ("sigma", "truncate", "radius", "expected"),
    [
        (1.1, 4, "round", 4),  # floor(4.9)
        (1.1, 4, "ceil", 5),
        (2.5, 3, "round", 8),
        (2.5, 3, "ceil", 8),
        (1.1, 4, 2, 2),  # OpenCV's window of five
        (0.1, 4, "round", 0),
        (19, 4, "round", 76),
    ],
)
def test_radius_rules(sigma, truncate, radius, expected):
    assert half_width(sigma, truncate, radius) == expected


def test_reflecting_borders_keep_the_sum():
    got = np.asarray(blur(np.abs(IMAGE), 6.0, border="reflect"))
    np.testing.assert_allclose(got.sum((1, 2)), np.abs(IMAGE).sum((1, 2)), rtol=1e-5)


def test_half_precision_is_computed_in_float32():
    image = np.abs(IMAGE)
    got = blur(ops.cast(image, "float16"), 3.0)
    assert "float16" in str(got.dtype)
    np.testing.assert_allclose(
        np.asarray(ops.cast(got, "float32")), np.asarray(blur(image, 3.0)), rtol=2e-3
    )


def test_an_even_window_reaches_one_further_after_the_pixel():
    impulse = np.zeros((1, 1, 7, 1), dtype="float32")
    impulse[0, 0, 3, 0] = 1
    weights = ops.convert_to_tensor(np.array([1, 2, 3, 4], dtype="float32"))
    one = ops.ones((1,), dtype="float32")
    got = np.asarray(correlate_separable(impulse, one, weights, "constant")).ravel()
    np.testing.assert_array_equal(got, [0, 4, 3, 2, 1, 0, 0])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sigma": 0}, "positive number of pixels; found 0"),
        ({"sigma": 1.0, "radius": "floor"}, "found 'floor'"),
        ({"sigma": 1.0, "radius": -1}, "found -1"),
        ({"sigma": 1.0, "border": "wrap"}, "found 'wrap'"),
    ],
)
def test_bad_arguments_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        blur(IMAGE, **options)
