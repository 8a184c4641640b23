import numpy as np
import pytest

pytest.importorskip("keras")
from keras import ops

from keras_saliency.ops.resize import ALIGNMENTS, resize

BLENDED = [a for a in ALIGNMENTS if a != "nearest"]


def column(values, m, alignment):
    """Resize along rows only."""
    image = np.asarray(values, dtype="float32").reshape(1, -1, 1, 1)
    return np.asarray(resize(image, (m, 1), alignment)).ravel()


def place(o, n, m, alignment):
    """The table of the alignments, in float64."""
    r = m / n
    return {
        "half_pixel": (o + 0.5) / r - 0.5,
        "asymmetric": o / r,
        "align_corners": o * (n - 1) / max(m - 1, 1),
        "theano": (o - max(np.floor((r - 1) / 2), 0)) / r,
    }[alignment]


def slow(image, size, alignment):
    """Pixel by pixel."""
    h, w, c = image.shape
    out = np.zeros((*size, c))
    for i in range(size[0]):
        for j in range(size[1]):
            y = np.clip(place(i, h, size[0], alignment), 0, h - 1)
            x = np.clip(place(j, w, size[1], alignment), 0, w - 1)
            top, left = int(y), int(x)
            bottom, right = min(top + 1, h - 1), min(left + 1, w - 1)
            upper = image[top, left] * (1 - x + left) + image[top, right] * (x - left)
            lower = image[bottom, left] * (1 - x + left) + image[bottom, right] * (x - left)
            out[i, j] = upper * (1 - y + top) + lower * (y - top)
    return out


@pytest.mark.parametrize(
    ("alignment", "expected"),
    [
        ("half_pixel", [0, 0.25, 0.75, 1.5, 2.5, 3]),
        ("asymmetric", [0, 0.5, 1, 2, 3, 3]),
        ("align_corners", [0, 0.4, 0.8, 1.4, 2.2, 3]),
        ("theano", [0, 0.5, 1, 2, 3, 3]),
        ("nearest", [0, 0, 1, 1, 3, 3]),
    ],
)
def test_three_pixels_become_six_as_computed_by_hand(alignment, expected):
    np.testing.assert_allclose(column([0, 1, 3], 6, alignment), expected, atol=1e-6)


def test_theano_by_four_is_shifted_by_half_an_output_pixel():
    np.testing.assert_allclose(
        column([0, 1], 8, "theano"), [0, 0, 0.25, 0.5, 0.75, 1, 1, 1], atol=1e-7
    )


def test_theano_by_sixteen_moves_an_impulse_to_sixteen_j_plus_seven():
    for j in (1, 2):
        impulse = np.zeros(4)
        impulse[j] = 1
        assert column(impulse, 64, "theano").argmax() == 16 * j + 7


def test_theano_by_an_odd_factor_is_half_pixel():
    values = [3.0, -1.0, 2.0, 5.0]
    np.testing.assert_allclose(
        column(values, 12, "theano"), column(values, 12, "half_pixel"), atol=1e-6
    )


@pytest.mark.parametrize("alignment", BLENDED)
@pytest.mark.parametrize("size", [(10, 14), (5, 21), (13, 3), (1, 1), (3, 40)])
def test_every_size_agrees_with_the_formula_pixel_by_pixel(alignment, size):
    image = np.random.default_rng(0).normal(size=(5, 7, 2))
    got = np.asarray(resize(image[None].astype("float32"), size, alignment))[0]
    assert got.shape == (*size, 2)
    np.testing.assert_allclose(got, slow(image, size, alignment), atol=2e-6)


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_the_same_size_is_the_identity(alignment):
    image = np.random.default_rng(1).normal(size=(2, 4, 3, 1)).astype("float32")
    np.testing.assert_array_equal(np.asarray(resize(image, (4, 3), alignment)), image)


@pytest.mark.parametrize("alignment", ALIGNMENTS)
def test_a_single_pixel_fills_the_result(alignment):
    image = np.full((1, 1, 1, 1), 7.0, dtype="float32")
    np.testing.assert_array_equal(np.asarray(resize(image, (3, 2), alignment)), 7.0)


def test_half_pixel_agrees_with_keras():
    image = np.random.default_rng(2).normal(size=(2, 9, 11, 3)).astype("float32")
    for size in ((18, 22), (4, 30)):
        expected = np.asarray(ops.image.resize(image, size, interpolation="bilinear"))
        np.testing.assert_allclose(np.asarray(resize(image, size)), expected, atol=2e-6)


def test_nearest_rounds_the_product_to_float32_before_the_floor():
    # 25 * float32(12/50) is 5.99999987 exactly and 6 in float32: torch takes row 6
    assert column(np.arange(12), 50, "nearest")[25] == 6
    np.testing.assert_array_equal(column(np.arange(13), 5, "nearest"), [0, 2, 5, 7, 10])


@pytest.mark.shared
def test_nearest_agrees_with_the_recorded_outputs_of_torch(shared):
    golden = np.load(shared / "golden" / "deep" / "deepgaze_pytorch_modules.npz")
    image = golden["nearest/x"].transpose(0, 2, 3, 1)
    for name in ("5x7", "13x17", "20x40", "41x55"):
        size = tuple(int(n) for n in name.split("x"))
        got = np.asarray(resize(image, size, "nearest")).transpose(0, 3, 1, 2)
        np.testing.assert_array_equal(got, golden[f"nearest/size_{name}"])


def test_integers_are_blended_in_float32_and_kept_by_nearest():
    image = np.array([0, 255], dtype="uint8").reshape(1, 2, 1, 1)
    blended = resize(image, (4, 1))
    assert "float32" in str(blended.dtype)
    np.testing.assert_allclose(np.asarray(blended).ravel(), [0, 63.75, 191.25, 255])
    assert "uint8" in str(resize(image, (4, 1), "nearest").dtype)


def test_half_precision_is_blended_in_float32():
    # place 300.5/301 of [0, 1]: a bfloat16 coordinate would round to 1
    image = np.array([0.0, 1.0], dtype="float32").reshape(1, 2, 1, 1)
    full = np.asarray(resize(image, (603, 1), "align_corners")).ravel()
    half = resize(ops.cast(image, "bfloat16"), (603, 1), "align_corners")
    assert "bfloat16" in str(half.dtype)
    half = np.asarray(ops.cast(half, "float32")).ravel()
    np.testing.assert_allclose(half, full, rtol=2**-8)


def test_an_unknown_alignment_names_the_known_ones():
    with pytest.raises(ValueError, match=r"half_pixel, asymmetric.*found 'bilinear'"):
        resize(np.zeros((1, 2, 2, 1)), (4, 4), "bilinear")


def test_three_axes_are_refused():
    with pytest.raises(ValueError, match=r"found the shape \(2, 2, 1\)"):
        resize(np.zeros((2, 2, 1)), (4, 4))
