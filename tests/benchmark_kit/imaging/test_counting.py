"""Counts of many lists are those of all numbers together, however they are held."""

import numpy as np
import pytest

from benchmark_kit.imaging import counting


@pytest.mark.parametrize("at_once", [1, 7, 10**6])
def test_lists_together(monkeypatch, at_once):
    monkeypatch.setattr(counting, "AT_ONCE", at_once)
    rng = np.random.default_rng(0)
    lists = [rng.integers(0, 50, rng.integers(0, 9)) for _ in range(40)]
    expected = np.bincount(np.concatenate(lists), minlength=50)
    np.testing.assert_array_equal(counting.count_pixels(iter(lists), 50), expected)


def test_nothing():
    assert counting.count_pixels([], 3).tolist() == [0, 0, 0]
    assert counting.count_pixels([np.array([], int)], 3).dtype == np.int64
