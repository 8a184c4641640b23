import numpy as np
import pytest

from keras_saliency.training.curves import CURVES, draw_curves


def rows(losses, judged):
    return [
        {"epoch": k + 1, "loss": loss, "val_loss": other}
        for k, (loss, other) in enumerate(zip(losses, judged, strict=True))
    ]


def pixels_of(picture, key):
    colour = next(colour for name, _, colour in CURVES if name == key)
    return np.argwhere((picture == np.array(colour, np.uint8)).all(axis=-1))


def test_a_falling_loss_goes_down_to_the_right():
    picture = draw_curves("a net", rows([3.0, 2.0, 1.0], [3.0, 3.0, 3.0]))
    assert picture.shape == (480, 900, 3)
    assert picture.dtype == np.uint8
    down, across = pixels_of(picture, "loss")[20:].T  # without the legend's dot
    curve = down > 80
    assert np.corrcoef(down[curve], across[curve])[0, 1] > 0.9


@pytest.mark.parametrize("count", [1, 2, 100])
def test_any_number_of_epochs_is_drawn(count):
    losses = np.linspace(2, 1, count)
    picture = draw_curves("a net", rows(losses, losses + 0.5))
    for key in ("loss", "val_loss"):
        assert len(pixels_of(picture, key)) > 20


def test_a_discriminator_is_drawn_where_there_is_one():
    game = rows([None, 2.0, None], [3.0, 2.0, 2.5])
    assert not len(pixels_of(draw_curves("a net", game), "discriminator_loss"))
    for row in game[1:]:
        row["discriminator_loss"] = 0.7
    picture = draw_curves("a net", game)
    for key, _, _ in CURVES:
        assert len(pixels_of(picture, key)) > 20


def test_one_value_and_one_that_is_not_finite_have_a_place():
    picture = draw_curves("a net", rows([1.0, 1.0], [1.0, 1.0]))
    assert len(pixels_of(picture, "loss")) > 20
