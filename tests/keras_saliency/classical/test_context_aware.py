import numpy as np
import pytest
from scipy.spatial.distance import cdist

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.classical.context_aware import (
    samples,
    towards_attended,
    unlikeness,
)

SMALL = build_model("context_aware", longest=40)


def noise(height, width):
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(48, 64), (60, 31), (1, 1), (1, 90), (5, 120)])
def test_the_map_has_the_pictures_size(size):
    found = SMALL.predict_map(noise(*size))
    assert found.shape == size
    assert found.dtype == np.float64
    assert np.isfinite(found).all()
    assert found.min() >= 0


@pytest.mark.parametrize("picture", [np.full((40, 50, 3), 9, np.uint8), noise(2, 90)])
def test_one_colour_or_no_room_for_a_patch_gives_zeros(picture):
    np.testing.assert_array_equal(SMALL.predict_map(picture), np.zeros(picture.shape[:2]))


@pytest.mark.parametrize(("size", "expected"), [((60, 80), (30, 40)), ((79, 31), (40, 16))])
def test_both_sides_are_ceilings(size, expected):
    assert SMALL.small_map(noise(*size)).shape == expected


def test_the_frame_is_zero():
    found = unlikeness(np.random.default_rng(0).random((20, 30, 3)), 1.0, 3)
    assert (found[:3] == 0).all()
    assert (found[:, -3:] == 0).all()
    assert (found[3:-3, 3:-3] > 0).all()


def test_samples_by_hand():
    planes = np.random.default_rng(0).random((20, 30, 3))
    vectors, places = samples(planes, 0.5, 1)  # at 0.5 and 0.25, not at 0.125
    assert len(vectors) == 18 * 28 + 8 * 13
    np.testing.assert_array_equal(np.sort(vectors[28 + 2]), np.sort(planes[1:4, 2:5].reshape(-1)))
    np.testing.assert_allclose(places[28 + 2], [3 / 30, 4 / 30])  # counted from 1
    np.testing.assert_allclose(places[18 * 28], [2 / 15, 2 / 15])
    np.testing.assert_allclose(samples(planes, 1.0, 3)[1][1], [4 / 30, 7 / 30])  # steps of 3


def test_unlikeness_by_all_distances():
    planes = np.random.default_rng(0).random((16, 22, 3))
    planes[:, :9] = planes[0, 0]  # like patches, where differences cancel
    vectors, places = samples(planes, 1.0, 2)
    found = unlikeness(planes, 1.0, 2)
    for row, column in ((2, 2), (7, 5), (13, 19)):
        windows = np.lib.stride_tricks.sliding_window_view(planes, (5, 5), (0, 1))
        own = windows[row - 2, column - 2].reshape(1, -1)
        at = np.array([[row + 1, column + 1]]) / 22
        apart = np.sort((cdist(own, vectors) / (1 + 3 * cdist(at, places)))[0])[:64]
        assert found[row, column] == pytest.approx(
            1 - np.exp(-apart.mean() * 49 / 25), rel=1e-5, abs=1e-6
        )


def test_saliency_fades_away_from_what_is_attended():
    saliency = np.full((1, 5), 0.5)
    saliency[0, 0] = 1.0
    np.testing.assert_allclose(towards_attended(saliency), [[1, 0.375, 0.25, 0.125, 0]])
    np.testing.assert_array_equal(towards_attended(np.zeros((3, 4))), np.zeros((3, 4)))
    np.testing.assert_array_equal(towards_attended(np.ones((3, 4))), np.ones((3, 4)))


def test_an_odd_patch_stands_out():
    picture = np.full((90, 120, 3), 90, np.uint8)
    picture[::10] = 120
    picture[50:62, 40:52] = (250, 30, 30)
    found = SMALL.predict_map(picture)
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert 44 <= row < 68
    assert 34 <= column < 58


def test_a_side_of_nothing_is_refused():
    with pytest.raises(ConfigError, match="16 pixels"):
        build_model("context_aware", longest=10)


def test_patches_far_from_the_mean_colour_are_told_apart_as_exactly():
    # two flat halves with a faint ramp: squares of single precision hide such distances
    planes = np.zeros((40, 60, 3))
    planes[:, 30:] = 1.0
    planes[..., 0] += np.linspace(0, 1e-4, 60)
    vectors, places = samples(planes, 1.0, 3)
    found = unlikeness(planes, 1.0, 3)
    row, column = 20, 10
    own = np.lib.stride_tricks.sliding_window_view(planes, (7, 7), (0, 1))[row - 3, column - 3]
    at = np.array([[row + 1, column + 1]]) / 60
    apart = np.sort((cdist(own.reshape(1, -1), vectors) / (1 + 3 * cdist(at, places)))[0])[:64]
    assert found[row, column] == pytest.approx(1 - np.exp(-apart.mean()), rel=1e-4)
