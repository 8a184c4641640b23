import numpy as np

from keras_saliency.predict.colours import colourise
from keras_saliency.predict.laid_over import OPACITY, laid_over, with_bar

GRAY = np.full((40, 60, 3), 100, np.uint8)


def test_colour_stands_where_the_map_is_high_and_gray_where_it_is_low():
    saliency = np.zeros((40, 60))
    saliency[10, 20] = 5
    found = laid_over(GRAY, saliency)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found[0, 0], [55, 55, 55])
    wanted = (1 - OPACITY) * 55 + OPACITY * colourise(np.ones(1))[0]
    np.testing.assert_allclose(found[10, 20], wanted, atol=1)


def test_a_constant_map_changes_no_place_more_than_another():
    found = laid_over(GRAY, np.full((40, 60), 3.0))
    assert (found == found[0, 0]).all()


def test_the_bar_runs_from_the_most_above_to_the_least_below():
    found = with_bar(GRAY)
    assert found.shape[0] == 40
    np.testing.assert_array_equal(found[:, :60], GRAY)
    column = found[:, 60 + round(0.75 * 10) + 2]
    np.testing.assert_array_equal(column[0], colourise(np.ones(1))[0])
    np.testing.assert_array_equal(column[-1], colourise(np.zeros(1))[0])
