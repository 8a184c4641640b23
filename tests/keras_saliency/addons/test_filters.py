import csv
import json

import numpy as np
import pytest

pytest.importorskip("keras")
import keras
from scipy.ndimage import median_filter, uniform_filter

from keras_saliency.addons.filters import gaussian_filter2d, mean_filter2d, median_filter2d

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


def weighted(image, filter_shape, sigma, padding, constant=0.0):
    """TensorFlow Addons' filter as an explicit outer product of windows."""
    mode = {"REFLECT": "reflect", "SYMMETRIC": "symmetric", "CONSTANT": "constant"}[padding]
    windows = []
    for n, s in zip(filter_shape, sigma, strict=True):
        x = np.arange(-n // 2 + 1, n // 2 + 1)
        g = np.exp(-(x**2) / (2 * s**2))
        windows.append(g / g.sum())
    kernel = np.outer(*windows)
    around = [((n - 1) // 2, n - 1 - (n - 1) // 2) for n in filter_shape]
    options = {"constant_values": constant} if mode == "constant" else {}
    padded = np.pad(image, around, mode=mode, **options)
    out = np.zeros_like(image)
    for a in range(filter_shape[0]):
        for b in range(filter_shape[1]):
            out += kernel[a, b] * padded[a : a + image.shape[0], b : b + image.shape[1]]
    return out


@pytest.mark.parametrize("padding", ["REFLECT", "SYMMETRIC", "CONSTANT"])
@pytest.mark.parametrize("window", [(1, 1), (3, 3), (4, 5), (6, 2)])
def test_gaussian_filter_agrees_with_an_outer_product(padding, window):
    image = RNG.random((9, 8))
    expected = weighted(image, window, (1.5, 0.7), padding, 0.3)
    got = gaussian_filter2d(image.astype("float32"), window, (1.5, 0.7), padding, 0.3)
    np.testing.assert_allclose(np.asarray(got), expected, atol=1e-6)


def test_gaussian_filter_keeps_rank_and_truncates_integers():
    image = RNG.integers(0, 256, (6, 7, 3)).astype("uint8")
    got = gaussian_filter2d(image, 5, 1.3)
    assert "uint8" in str(got.dtype)
    expected = np.stack(
        [weighted(image[..., k].astype(float), (5, 5), (1.3, 1.3), "REFLECT") for k in range(3)], -1
    )
    np.testing.assert_array_equal(np.asarray(got), np.floor(expected + 1e-5))


@pytest.mark.shared
def test_gaussian_filter_reproduces_the_recorded_cases(shared):
    folder = shared / "golden" / "tensorflow_addons"
    arrays = np.load(folder / "gaussian_filter2d.npz", allow_pickle=False)
    with open(folder / "index.csv", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["function"] == "gaussian_filter2d"]
    assert rows
    for row in rows:
        options = json.loads(row["params"])
        image = arrays[f"{row['case']}/in/x"]
        if options["sigma"] == 0:
            with pytest.raises(ValueError, match="sigma"):
                gaussian_filter2d(image, **options)
            continue
        expected = arrays[f"{row['case']}/out/y"].astype("float64")
        got = np.asarray(gaussian_filter2d(image, **options))
        # without x64, JAX turns a float64 image into float32
        slack = 1e-6 if got.dtype != image.dtype else 0
        got = got.astype("float64")
        room = float(row["atol"]) + slack + float(row["rtol"]) * np.abs(expected)
        assert got.shape == expected.shape
        assert (np.abs(got - expected) <= room).all(), row["case"]


@pytest.mark.parametrize(
    ("options", "words"),
    [({"padding": "EDGE"}, "found 'EDGE'"), ({"filter_shape": 0}, "at least 1 pixel; found 0")],
)
def test_bad_arguments_of_the_gaussian_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        gaussian_filter2d(IMAGES, **options)


def test_gaussian_filter_refuses_one_axis():
    with pytest.raises(ValueError, match=r"found the shape \(5,\)"):
        gaussian_filter2d(np.zeros(5, dtype="float32"))
