import numpy as np
import pytest

from keras_saliency import build_model, model_card
from keras_saliency.classical import rare2012_like
from keras_saliency.classical.rare2012_like import efficient, fused, rarity

MODEL = build_model("rare2012_like")


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
        MODEL.predict_map(picture * 3 + 20), MODEL.predict_map(picture), atol=0.05
    )


@pytest.mark.parametrize("odd", ["colour", "orientation"])
def test_what_pops_out_is_the_maximum(odd):
    found = MODEL.predict_map(display(odd))
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert abs(row - 48) < 16
    assert abs(column - 144) < 16


def test_rarity_by_hand(monkeypatch):
    values = np.zeros((64, 64))
    values[:32, :32] = 1.0
    every = rarity(values)
    monkeypatch.setattr(rare2012_like, "SCALES", 1)
    found = rarity(values)
    np.testing.assert_allclose(found[:32, :32], -np.log(1 / 4))
    np.testing.assert_allclose(found[32:], -np.log(3 / 4))
    assert every[0, 0] > 4 * found[0, 0]
    np.testing.assert_array_equal(rarity(np.ones((16, 16))), np.zeros((16, 16)))


def test_a_map_with_one_peak_weighs_more():
    one, many = np.zeros((2, 10, 10))
    one[3, 3] = 7.0
    many[::2] = 7.0
    assert efficient(one).max() == pytest.approx(0.99**2)
    assert efficient(many).max() == pytest.approx(0.5**2)
    # the less efficient of two weighs a half
    expected = efficient(one) + efficient(many) / 2
    np.testing.assert_allclose(fused([one, many]), expected)
    np.testing.assert_allclose(fused([many, one]), expected)


def test_the_card_says_what_it_is():
    assert "sealed" in " ".join(model_card("rare2012_like").uncertain)
