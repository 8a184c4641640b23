import numpy as np
import pytest

from keras_saliency import build_model, model_card
from keras_saliency.classical.aws_like import squared_distance

MODEL = build_model("aws_like")


def noise(height, width):
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


def display(odd):
    """5 x 7 items of 8 pixels, the one in row 1 and column 4 odd."""
    picture = np.full((160, 224, 3), 128, np.uint8)
    for row in range(5):
        for column in range(7):
            top, left = 12 + 32 * row, 12 + 32 * column
            is_odd = (row, column) == (1, 4)
            if odd == "colour":
                colour = (220, 60, 60) if is_odd else (60, 190, 60)
                picture[top : top + 8, left : left + 8] = colour
            elif is_odd:
                picture[top + 3 : top + 6, left - 4 : left + 12] = 230
            else:
                picture[top - 4 : top + 12, left + 3 : left + 6] = 230
    return picture


@pytest.mark.parametrize("size", [(48, 64), (131, 90), (1, 1), (1, 9), (20, 700)])
def test_the_map_has_the_pictures_size(size):
    found = MODEL.predict_map(noise(*size))
    assert found.shape == size
    assert found.dtype == np.float64
    assert np.isfinite(found).all()
    assert found.min() >= 0


def test_a_constant_picture_gives_zeros():
    np.testing.assert_array_equal(
        MODEL.predict_map(np.full((40, 50, 3), 9, np.uint8)), np.zeros((40, 50))
    )


def test_a_common_gain_and_offset_do_not_count():
    picture = noise(60, 80) // 4
    np.testing.assert_allclose(
        MODEL.predict_map(picture * 3 + 20), MODEL.predict_map(picture), rtol=1e-2
    )


@pytest.mark.parametrize("odd", ["colour", "orientation"])
def test_what_pops_out_is_the_maximum(odd):
    found = MODEL.predict_map(display(odd))
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert abs(row - 48) < 16
    assert abs(column - 144) < 16


def test_squared_distance_by_the_inverse_covariance():
    rng = np.random.default_rng(0)
    energies = np.einsum("ij,jhw->ihw", rng.normal(size=(3, 3)), rng.normal(size=(3, 9, 11)))
    flat = energies.reshape(3, -1)
    apart = flat - flat.mean(axis=1, keepdims=True)
    expected = np.einsum("ip,ij,jp->p", apart, np.linalg.inv(np.cov(flat, bias=True)), apart)
    np.testing.assert_allclose(squared_distance(energies).ravel(), expected, rtol=1e-9)


def test_a_scale_without_variance_is_left_out():
    energies = np.random.default_rng(0).random((2, 9, 11))
    energies[1] = 5.0
    np.testing.assert_allclose(
        squared_distance(energies), squared_distance(energies[:1]), rtol=1e-9
    )


def test_the_card_says_what_it_is():
    assert "sealed" in " ".join(model_card("aws_like").uncertain)
