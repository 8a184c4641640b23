import csv
import json

import numpy as np
import pytest

pytest.importorskip("keras")
from keras import ops
from scipy.ndimage import gaussian_filter

from keras_saliency.ops.blur import blur, correlate_separable, gaussian_filter2d, half_width

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


def addons(image, filter_shape, sigma, padding, constant=0.0):
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
def test_addons_filter_agrees_with_an_outer_product(padding, window):
    image = RNG.random((9, 8))
    expected = addons(image, window, (1.5, 0.7), padding, 0.3)
    got = gaussian_filter2d(image.astype("float32"), window, (1.5, 0.7), padding, 0.3)
    np.testing.assert_allclose(np.asarray(got), expected, atol=1e-6)


def test_addons_filter_keeps_rank_and_truncates_integers():
    image = RNG.integers(0, 256, (6, 7, 3)).astype("uint8")
    got = gaussian_filter2d(image, 5, 1.3)
    assert "uint8" in str(got.dtype)
    expected = np.stack(
        [addons(image[..., k].astype(float), (5, 5), (1.3, 1.3), "REFLECT") for k in range(3)], -1
    )
    np.testing.assert_array_equal(np.asarray(got), np.floor(expected + 1e-5))


@pytest.mark.shared
def test_addons_filter_reproduces_the_recorded_cases(shared):
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


@pytest.mark.parametrize(
    ("options", "words"),
    [({"padding": "EDGE"}, "found 'EDGE'"), ({"filter_shape": 0}, "at least 1 pixel; found 0")],
)
def test_bad_arguments_of_the_addons_filter_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        gaussian_filter2d(IMAGE, **options)


def test_addons_filter_refuses_one_axis():
    with pytest.raises(ValueError, match=r"found the shape \(5,\)"):
        gaussian_filter2d(np.zeros(5, dtype="float32"))
