import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency import build_model
from keras_saliency.classical.itti1998 import (
    feature_pyramids,
    iterate,
    promote_peaks,
    pyramid,
    scale_to,
)


def spot(size=(256, 320), y=90, x=210):
    picture = np.full((*size, 3), 120, np.uint8)
    picture[::16, ::16] = 128
    picture[y - 10 : y + 10, x - 10 : x + 10] = (230, 40, 30)
    return picture


@pytest.mark.parametrize("norm", ["iterative", "localmax", "none"])
def test_a_coloured_spot_stands_out(norm):
    found = build_model("itti1998", norm=norm).predict_map(spot())
    y, x = np.unravel_index(found.argmax(), found.shape)
    assert np.hypot(y - 90, x - 210) < 24  # a pixel of the map is 16
    assert found.min() >= 0


def test_the_map_is_one_sixteenth_of_the_picture():
    assert build_model("itti1998").level_map(spot((250, 330))).shape == (15, 20)


def test_small_pictures_are_refused_with_the_least_size():
    with pytest.raises(InputError, match=r"40 x 31.*at least 32.*itti"):
        build_model("itti1998").predict_map(np.zeros((31, 40, 3), np.uint8))
    assert build_model("itti1998").predict_map(spot()[:32, 200:240]).shape == (32, 40)


def test_hue_needs_light():
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, :32] = (25, 0, 0)  # 0.098 of the range
    picture[:, 32:] = (0, 0, 26)
    red_green, blue_yellow = (levels[0] for levels in feature_pyramids(picture)["color"])
    np.testing.assert_array_equal(red_green, np.zeros((64, 64)))
    np.testing.assert_array_equal(blue_yellow[:, :32], np.zeros((64, 32)))
    np.testing.assert_array_equal(blue_yellow[:, 32:], np.ones((64, 32)))


def test_levels_end_at_the_coarsest_surround_or_at_one_pixel():
    assert [level.shape for level in pyramid(np.ones((40, 70)))] == [
        (40, 70),
        (20, 35),
        (10, 17),
        (5, 8),
        (2, 4),
        (1, 2),
    ]
    assert len(pyramid(np.ones((600, 600)))) == 9


def test_scaling():
    np.testing.assert_allclose(scale_to(np.array([1.0, 2, 3]), (0, 10)), [0, 5, 10])
    np.testing.assert_allclose(scale_to(np.array([4.0, 4]), (0, 10)), [5, 5])
    np.testing.assert_allclose(scale_to(np.array([4.0, 5]), (0, 0)), [4, 5])


def test_peaks_by_hand():
    values = np.zeros((5, 7))
    values[1, 1], values[3, 5] = 4, 10
    np.testing.assert_allclose(promote_peaks(values, (0, 10)), values * (10 - 7) ** 2)
    np.testing.assert_allclose(promote_peaks(values / 5, (0, 0)), values / 5 * 4)  # one reaches 1
    flat = np.zeros((5, 7))
    np.testing.assert_array_equal(promote_peaks(flat, (0, 10)), flat)


def test_iteration_leaves_one_peak_and_silences_many():
    one = np.zeros((30, 40))
    one[10, 12] = 10
    many = np.zeros((30, 40))
    many[4::6, 4::6] = 10
    assert iterate(one)[10, 12] > 10
    assert iterate(many).max() < iterate(one).max()
    assert iterate(many).min() >= 0


def test_unknown_norm():
    with pytest.raises(ConfigError, match="iterative"):
        build_model("itti1998", norm="max")
