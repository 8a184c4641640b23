import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.ops.pad import BORDERS, pad

NUMPY = {"reflect": "symmetric", "mirror": "reflect", "nearest": "edge", "constant": "constant"}


@pytest.mark.parametrize(
    ("border", "expected"),
    [
        ("reflect", [2, 1, 1, 2, 3, 3, 2]),
        ("mirror", [3, 2, 1, 2, 3, 2, 1]),
        ("nearest", [1, 1, 1, 2, 3, 3, 3]),
        ("constant", [0, 0, 1, 2, 3, 0, 0]),
    ],
)
def test_two_pixels_around_one_two_three(border, expected):
    row = np.array([1, 2, 3], dtype="float32").reshape(1, 1, 3, 1)
    np.testing.assert_array_equal(np.asarray(pad(row, ((0, 0), (2, 2)), border)).ravel(), expected)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("padding", [((0, 0), (0, 0)), ((1, 0), (0, 2)), ((3, 4), (2, 5))])
@pytest.mark.parametrize("shape", [(4, 6), (2, 3), (1, 5)])
def test_agrees_with_numpy_also_when_wider_than_the_image(border, padding, shape):
    image = np.random.default_rng(0).normal(size=(2, *shape, 3)).astype("float32")
    expected = np.pad(image, ((0, 0), *padding, (0, 0)), mode=NUMPY[border])
    np.testing.assert_array_equal(np.asarray(pad(image, padding, border)), expected)


@pytest.mark.parametrize("border", ["reflect", "mirror", "nearest"])
def test_one_pixel_fills_any_padding(border):
    image = np.full((1, 1, 1, 1), 5.0, dtype="float32")
    got = np.asarray(pad(image, ((7, 7), (9, 9)), border))
    np.testing.assert_array_equal(got, np.full((1, 15, 19, 1), 5.0))


def test_constant_takes_a_value():
    image = np.zeros((1, 1, 1, 1), dtype="float32")
    got = np.asarray(pad(image, ((0, 0), (1, 1)), "constant", -2.0)).ravel()
    np.testing.assert_array_equal(got, [-2, 0, -2])


def test_an_unknown_border_names_the_known_ones():
    with pytest.raises(ValueError, match=r"reflect, mirror, nearest, constant.*found 'wrap'"):
        pad(np.zeros((1, 2, 2, 1)), ((1, 1), (1, 1)), "wrap")
