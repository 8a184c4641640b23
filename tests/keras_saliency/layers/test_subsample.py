import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.layers import ResizeToGrid, Subsample


def columns(n):
    return np.arange(n, dtype="float32")[None, None, :, None]


@pytest.mark.parametrize(
    ("n", "factor", "kept"),
    [(7, 2, [0, 2, 4]), (7, 1.5, [0, 1, 3, 4]), (8, 4, [0, 4]), (3, 4, [0]), (5, 1, range(5))],
)
def test_every_so_many_pixels(n, factor, kept):
    found = np.asarray(Subsample(factor)(columns(n)))[0, 0, :, 0]
    np.testing.assert_array_equal(found, list(kept))


def test_a_grid_is_rounded_up():
    picture = np.zeros((1, 37, 50, 3), "float32")
    x = np.zeros((1, 5, 7, 2), "float32")
    assert ResizeToGrid(8)([x, picture]).shape == (1, 5, 7, 2)
    assert ResizeToGrid(4)([x, picture]).shape == (1, 10, 13, 2)


def test_factors_below_one_are_refused():
    for layer in (Subsample, ResizeToGrid):
        with pytest.raises(ValueError, match="1 or more"):
            layer(0.5)
