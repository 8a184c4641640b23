import numpy as np
import pytest
from scipy.ndimage import label, maximum_filter, minimum_filter

from keras_saliency.classical._boolean_maps import (
    ThresholdBits,
    attention_sum,
    attention_sum_closed,
    fill_from_border,
)

EIGHT = np.ones((3, 3), int)


def without_border(mask):
    """Components of a boolean map that touch no border pixel."""
    marks, _ = label(mask, EIGHT)
    edge = np.unique(np.concatenate([marks[0], marks[-1], marks[:, 0], marks[:, -1]]))
    return mask & ~np.isin(marks, edge)


def slow_sum(features, closed):
    """One boolean map at a time."""
    total = np.zeros(features.shape[1:])
    for feature in features.astype(int):
        for threshold in range(feature.min(), feature.max(), 8):
            for mask in (feature > threshold, feature <= threshold):
                found = without_border(mask)
                if closed:
                    mask = maximum_filter(mask, 5, mode="constant", cval=0)
                    mask = minimum_filter(mask, 5, mode="constant", cval=1)
                    found = without_border(mask) | without_border(~mask)
                grown = maximum_filter(found, 7, mode="constant")
                if grown.any():
                    total += grown / np.sqrt(grown.sum())
    return total


def features(seed=0, planes=2, size=(31, 44)):
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    maps = [gaussian_filter(rng.normal(size=size), 1.5) for _ in range(planes)]
    return np.stack([np.rint(255 * (m - m.min()) / np.ptp(m)) for m in maps]).astype(np.uint8)


@pytest.mark.parametrize("seed", [0, 1])
def test_all_thresholds_at_once_are_the_sum_over_single_ones(seed):
    found = attention_sum(features(seed), 8, 3)
    np.testing.assert_allclose(found, slow_sum(features(seed), closed=False), rtol=1e-12)


def test_closed_maps_count_places_and_holes():
    found = attention_sum_closed(features(), 8, 3, 2)
    np.testing.assert_allclose(found, slow_sum(features(), closed=True), rtol=1e-12)


def test_a_spiral_is_filled_to_its_end():
    path = np.zeros((21, 21), np.uint8)
    rows = [(1, 0, 19), (19, 1, 19), (3, 3, 17), (17, 3, 17)]
    for y, left, right in rows:
        path[y, left : right + 1] = 9
    path[1:20, 19] = path[5:20, 1] = path[3:18, 17] = 9
    path[5:8, 1] = 9
    path[4, 2] = path[3, 3] = 9  # joined by corners only
    found = fill_from_border(path[:, None])
    marks, _ = label(path, EIGHT)
    np.testing.assert_array_equal(found[:, 0] == 9, marks == marks[1, 0])
    assert (marks == marks[1, 0]).sum() > 50


def test_planes_do_not_mix():
    both = features(planes=2).swapaxes(0, 1)
    found = fill_from_border(np.ascontiguousarray(both))
    for plane in range(2):
        alone = fill_from_border(np.ascontiguousarray(both[:, plane : plane + 1]))
        np.testing.assert_array_equal(found[:, plane], alone[:, 0])


def test_thresholds_start_at_the_least_level_and_stop_below_the_largest():
    levels = np.array([[[10, 18, 19, 26, 27]]], np.uint8)  # thresholds 10, 18 and 26
    assert ThresholdBits(levels, 8).of(levels)[0, 0].tolist() == [0, 0b1, 0b11, 0b11, 0b111]


def test_thirty_two_thresholds_fit():
    levels = np.array([[[0, 1, 248, 249, 255]]], np.uint8)
    bits = ThresholdBits(levels, 8).of(levels)[0, 0]
    assert bits.tolist() == [0, 1, 2**31 - 1, 2**32 - 1, 2**32 - 1]
