import numpy as np

from benchmark_kit.imaging.min_max import min_max


def test_the_least_becomes_zero_and_the_greatest_one():
    np.testing.assert_array_equal(
        min_max(np.array([[-2.0, 0.0], [2.0, 6.0]])), [[0, 0.25], [0.5, 1]]
    )


def test_equal_values_become_zero():
    np.testing.assert_array_equal(min_max(np.full((2, 3), 7.0)), np.zeros((2, 3)))


def test_integers_become_float64_and_float32_stays():
    assert min_max(np.array([[3, 3]])).dtype == np.float64
    assert min_max(np.array([[3, 255]], np.uint8)).dtype == np.float64
    assert min_max(np.array([[3, 4]], np.float32)).dtype == np.float32
