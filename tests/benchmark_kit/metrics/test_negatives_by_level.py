"""Negatives by gray level: pixel by pixel where they are few, else in one count, and alike."""

import numpy as np
import pytest

from benchmark_kit.prepared import pair
from benchmark_kit.prepared.pair import PackedWeights


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.34, 0.9, 1.0])
def test_both_ways_count_alike(share, monkeypatch):
    rng = np.random.default_rng(0)
    raw = rng.integers(0, 256, 5000).astype(np.uint8)
    counts = np.where(rng.random((50, 100)) < share, rng.integers(1, 9, (50, 100)), 0)
    expected = np.bincount(raw, weights=counts.reshape(-1), minlength=256)
    np.testing.assert_array_equal(PackedWeights(counts).by_level(raw), expected)
    for always in (0, 10**9):  # pixel by pixel; in one count
        monkeypatch.setattr(pair, "FEW", always)
        np.testing.assert_array_equal(PackedWeights(counts).by_level(raw), expected)
