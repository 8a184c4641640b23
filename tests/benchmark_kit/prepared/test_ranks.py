"""2U of pixels is the count of pairs, whatever the values are made of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark_kit.prepared.ranks import two_u_of_pixels

VALUES = [-0.0, 0.0, 5e-324, 1e-300, 1e-45, 2e-5, 2e-5 * (1 + 1e-9), 0.25, 1.0, 3e38, 1e200]
SIGNED = [*VALUES, -1e-300, -0.5, -3e38]


def counted(positives, pixels, weights):
    more = pixels[None] < positives[:, None]
    same = pixels[None] == positives[:, None]
    pairs = (2.0 * more + same).sum(axis=0)
    return pairs.sum(), np.dot(pairs, weights)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(SIGNED), min_size=1, max_size=40)
    | st.lists(st.sampled_from(VALUES), min_size=1, max_size=40),
    st.integers(0, 2**31),
)
def test_pairs_are_counted(values, seed):
    rng = np.random.default_rng(seed)
    pixels = np.array(values)
    positives = pixels[rng.integers(len(pixels), size=rng.integers(1, 9))]
    weights = rng.integers(3, size=len(pixels)).astype(float)
    assert two_u_of_pixels(positives, pixels, weights) == counted(positives, pixels, weights)


@pytest.mark.parametrize("rest", [0.0, -0.0, 2e-8, -1.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_most_pixels_have_the_lowest_value(dtype, rest):
    rng = np.random.default_rng(0)
    pixels = np.full(70_000, rest, dtype)
    pixels[:9000] += np.exp(-30 * rng.random(9000)).astype(dtype)  # some of it is rounded away
    positives = pixels[rng.integers(18_000, size=60)]
    weights = rng.integers(3, size=len(pixels)).astype(float)
    assert two_u_of_pixels(positives, pixels, weights) == counted(positives, pixels, weights)
