import numpy as np

from keras_saliency.predict.overlay import ANCHORS, OPACITY, colourise, laid_over, with_bar

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


def lightness(colours):
    """CIE L* of sRGB colours."""
    values = np.asarray(colours) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return 116 * np.cbrt(linear @ [0.2126, 0.7152, 0.0722]) - 16


def test_lightness_rises_evenly():
    steps = np.diff(lightness(colourise(np.linspace(0, 1, 21))))
    assert steps.min() > 0
    assert steps.max() < 2 * steps.min()


def test_ends_and_anchors():
    places = np.linspace(0, 1, len(ANCHORS))
    np.testing.assert_array_equal(colourise(places), ANCHORS)
    assert colourise(np.zeros((2, 3))).shape == (2, 3, 3)
    assert colourise(0.5).dtype == np.uint8
