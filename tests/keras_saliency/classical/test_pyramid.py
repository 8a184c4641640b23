import numpy as np
import pytest

from keras_saliency.classical._pyramid import (
    SEVEN_TAPS,
    convolve_keeping_energy,
    halve_float32,
    halve_walther,
)


def slow_halving(line):
    """One line by the rule as it is written: samples 2(j-1) to 2(j-1)+5 for output j."""
    n = len(line)
    found = [np.dot((10, 10, 5, 1), line[:4]) / 26]
    while 2 * (len(found) - 1) < n - 5:
        start = 2 * (len(found) - 1)
        found.append(np.dot((1, 5, 10, 10, 5, 1), line[start : start + 6]) / 32)
    rest = line[2 * (len(found) - 1) :]
    weights = (1, 5, 10, 10, 5) if n % 2 else (1, 5, 10, 10)
    found.append(np.dot(weights, rest) / sum(weights))
    return found


@pytest.mark.parametrize("size", [(11, 12), (12, 11), (40, 31), (31, 33)])
def test_halving_by_six_taps(size):
    values = np.random.default_rng(0).random(size)
    expected = np.array([slow_halving(row) for row in values])
    expected = np.array([slow_halving(column) for column in expected.T]).T
    found = halve_float32(values)
    assert found.shape == (size[0] // 2, size[1] // 2)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=3e-7, rtol=0)  # single precision


def test_planes_are_halved_apart():
    values = np.random.default_rng(0).random((24, 30, 3))
    found = halve_float32(values)
    for plane in range(3):
        np.testing.assert_array_equal(found[..., plane], halve_float32(values[..., plane]))


@pytest.mark.parametrize("size", [(10, 40), (40, 10), (1, 1)])
def test_small_maps_are_not_halved(size):
    values = np.random.default_rng(0).random(size)
    np.testing.assert_array_equal(halve_float32(values), values)


@pytest.mark.parametrize("halve", [halve_float32, halve_walther])
def test_a_flat_map_stays_flat(halve):
    found = halve(np.full((21, 30), 0.75))
    np.testing.assert_allclose(found, np.full((10, 15), 0.75), rtol=1e-15)


@pytest.mark.parametrize("size", [(9, 14), (16, 7), (4, 5), (50, 4)])
def test_energy_is_kept_by_dividing_by_the_taps_inside(size):
    values = np.random.default_rng(0).random(size)
    taps = SEVEN_TAPS
    expected = values
    for _ in range(2):
        expected = expected.T
        n = expected.shape[1]
        lines = np.zeros_like(expected)
        for k in range(n):
            inside = [j for j in range(7) if 0 <= k + 3 - j < n]
            lines[:, k] = sum(taps[j] * expected[:, k + 3 - j] for j in inside)
            lines[:, k] *= taps.sum() / sum(taps[j] for j in inside)
        expected = lines
    found = convolve_keeping_energy(values, taps, taps)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_a_filter_much_longer_than_the_map():
    taps = np.exp(-(np.arange(-20, 21) ** 2) / 50)
    found = convolve_keeping_energy(np.full((3, 5), 2.0), taps, taps)
    # every place of a flat map gets the whole filter's weight
    np.testing.assert_allclose(found, np.full((3, 5), 2 * taps.sum() ** 2), rtol=1e-13)


@pytest.mark.parametrize(
    ("size", "halved"), [((1, 1), (1, 1)), ((2, 3), (1, 1)), ((3, 9), (1, 4)), ((1, 8), (1, 4))]
)
def test_walthers_halving_of_tiny_maps(size, halved):
    assert halve_walther(np.ones(size)).shape == halved


def test_three_pixels_become_their_weighted_mean():
    found = halve_walther(np.array([[1.0], [2.0], [7.0]]))
    np.testing.assert_allclose(found, [[(1 + 2 * 2 + 7) / 4]], rtol=1e-15)
