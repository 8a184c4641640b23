import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.classical._harel_features import channel_maps, map_size, master_map
from keras_saliency.classical.itti import normalise_peaks

MODEL = build_model("itti")


def bars(odd=None, size=(192, 256)):
    """Gray field of vertical dark bars; `odd` turns one of them, or colours it."""
    picture = np.full((*size, 3), 128, np.uint8)
    for y in range(16, size[0] - 16, 32):
        for x in range(16, size[1] - 16, 32):
            picture[y - 8 : y + 8, x - 2 : x + 2] = 60
    y, x = 80, 176  # of one of the bars
    if odd == "turned":
        picture[y - 8 : y + 8, x - 8 : x + 8] = 128
        picture[y - 2 : y + 2, x - 8 : x + 8] = 60
    if odd == "coloured":
        picture[y - 8 : y + 8, x - 2 : x + 2] = (180, 20, 20)
    return picture, (y, x)


def test_the_coloured_bar_pops_out():
    picture, (y, x) = bars("coloured")
    found = np.unravel_index(MODEL.predict_map(picture).argmax(), picture.shape[:2])
    assert np.hypot(found[0] - y, found[1] - x) < 16


def test_maps_reach_from_0_to_1():
    found = MODEL.predict_map(bars("turned")[0])
    assert (found.min(), found.max()) == (0, 1)


def test_gray_pictures_have_no_colour_contrast():
    picture, _ = bars("turned")
    assert MODEL.conspicuity(picture)["C"].max() == 0
    without = build_model("itti", channels="IO").predict_map(picture)
    np.testing.assert_allclose(MODEL.predict_map(picture), without, atol=1e-12, rtol=0)


def test_intensity_is_the_brightest_channel():
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, 32:, 2] = 200
    other = np.zeros((64, 64, 3), np.uint8)
    other[:, 32:, 0] = 200
    levels = [channel_maps(one, "I", (2,))["I"][2] for one in (picture, other)]
    np.testing.assert_array_equal(*levels)
    assert levels[0][0, 8, -1] == pytest.approx(200 / 255, abs=1e-6)


def test_colour_opponents_by_hand():
    picture = np.full((64, 64, 3), (200, 120, 40), np.uint8)
    opponents = channel_maps(picture, "C", (2,))["C"][2]
    assert opponents.shape == (2, 16, 16)
    np.testing.assert_allclose(opponents[0], abs(40 - 120) / 200, atol=1e-6)
    np.testing.assert_allclose(opponents[1], abs(200 - 120) / 200, atol=1e-6)


def test_black_has_no_hue():
    opponents = channel_maps(np.zeros((64, 64, 3), np.uint8), "C", (2,))["C"][2]
    np.testing.assert_array_equal(opponents, np.zeros((2, 16, 16)))


def test_normalisation_by_hand():
    values = np.zeros((7, 7))
    values[2, 2], values[4, 4] = 5, 10
    # maxima 5 and 10 of 10: mean 7.5
    np.testing.assert_allclose(normalise_peaks(values), values * 2.5**2)
    values[2, 2] = 0.5  # below 1: one maximum is left
    np.testing.assert_allclose(normalise_peaks(values), values * 100)
    edge = np.zeros((5, 5))
    edge[0, 0] = 10  # maxima at the border do not count
    np.testing.assert_array_equal(normalise_peaks(edge), edge)


def test_several_surrounds():
    picture, _ = bars("turned")
    found = build_model("itti", deltas=(2, 3)).contrasts(picture)
    assert list(found["I"]) == [(1, 2, 4), (1, 2, 5), (1, 3, 5), (1, 3, 6)]
    assert len(found["O"]) == 16


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"channels": ""}, "CDIO"),
        ({"channels": "CX"}, "CDIO"),
        ({"channels": "CC"}, "each once"),
        ({"deltas": ()}, "deltas"),
        ({"deltas": (0,)}, "deltas"),
        ({"deltas": (2.0,)}, "deltas"),
    ],
)
def test_options_that_make_no_sense(options, says):
    with pytest.raises(ConfigError, match=says):
        build_model("itti", **options)


@pytest.mark.parametrize(
    ("size", "expected"), [((480, 640), (24, 32)), ((135, 181), (24, 32)), ((181, 135), (32, 24))]
)
def test_map_size_keeps_the_aspect(size, expected):
    assert map_size(*size, 32) == expected


def test_a_line_keeps_one_pixel():
    assert map_size(1, 500, 32) == (1, 32)


def test_the_border_counts_less():
    found = master_map(np.ones((20, 30)), 0)
    np.testing.assert_allclose(found[:5, 15], (np.arange(1, 6) / 5 - 1 / 25) / (1 - 1 / 25))
    assert found[0, 0] == 0
