"""sthor's operations against loops over windows."""

import numpy as np
import pytest

from keras_saliency.models._sthor import (
    Block,
    Hierarchy,
    Norm,
    correlate,
    features,
    filter_bank,
    normalise,
    pool,
)


def windows(x, size):
    height, width = (n - size + 1 for n in x.shape[:2])
    for i in range(height):
        for j in range(width):
            yield (i, j), x[i : i + size, j : j + size]


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(1, 2, (7, 9, 3)).astype(np.float32)


@pytest.mark.parametrize("remove_mean", [False, True])
@pytest.mark.parametrize(
    ("size", "stretch", "threshold"), [(3, 1.0, 1.0), (5, 0.1, 2.0), (4, 10, 0)]
)
def test_normalisation_of_each_window(x, size, stretch, threshold, remove_mean):
    found = normalise(x, size, remove_mean, stretch, threshold)
    flat = 0
    for (i, j), window in windows(x.astype(np.float64), size):
        mean = window.mean() if remove_mean else 0.0
        root = stretch * (np.sqrt(((window - mean) ** 2).sum()) + 1e-4)
        if root < threshold + 1e-4:
            root, flat = 1.0, flat + 1
        wanted = stretch * (window[size // 2, size // 2] - mean) / root
        np.testing.assert_allclose(found[i, j], wanted, rtol=1e-4, atol=1e-6)
    assert (flat > 0) == (threshold == 2.0)


@pytest.mark.parametrize("order", [1, 2, 3, 10])
@pytest.mark.parametrize("stride", [1, 2])
def test_pool_is_a_root_of_a_sum_of_powers(x, order, stride):
    x = np.abs(x) if order == 3 else x
    found = pool(x, 3, order, stride)
    assert found.shape == (-(-5 // stride), -(-7 // stride), 3)
    for (i, j), window in windows(x.astype(np.float64), 3):
        if i % stride == 0 and j % stride == 0:
            wanted = (
                (window**order).sum(axis=(0, 1)) ** (1 / order) if order > 1 else window.sum((0, 1))
            )
            np.testing.assert_allclose(
                found[i // stride, j // stride], wanted, rtol=1e-4, atol=1e-4
            )


def test_correlation_is_not_flipped_and_is_the_same_in_pieces(x, monkeypatch):
    bank = np.random.default_rng(1).normal(size=(3, 3, 3, 5)).astype(np.float32)
    found = correlate(x, bank)
    for (i, j), window in windows(x, 3):
        wanted = np.einsum("abc,abcn->n", window, bank)
        np.testing.assert_allclose(found[i, j], wanted, rtol=1e-4, atol=1e-4)
    monkeypatch.setattr("keras_saliency.models._sthor.ROWS", 1)
    np.testing.assert_allclose(correlate(x, bank), found, rtol=1e-5, atol=1e-5)


def test_filters_have_no_mean_and_length_one_and_are_the_same_again():
    bank = filter_bank(6, 5, 4)
    assert bank.shape == (5, 5, 4, 6)
    flat = bank.reshape(-1, 6)
    np.testing.assert_allclose(flat.mean(axis=0), 0, atol=1e-7)
    np.testing.assert_allclose(np.linalg.norm(flat, axis=0), 1, rtol=1e-6)
    np.testing.assert_array_equal(filter_bank(6, 5, 4), bank)


def test_a_hierarchy_halves_the_sides_and_clips():
    norm = Norm(3, 1, 1e9)  # a threshold that no root reaches: values stay as they are
    picture = np.random.default_rng(0).integers(0, 256, (11, 14, 3)).astype(np.uint8)
    clipped = Hierarchy("rgb", norm, (Block(4, 3, 0, 2, 3, 1, norm),))
    found = features(picture, clipped)
    assert found.shape == (6, 7, 4)
    assert found.min() >= 0
    assert found.max() <= 9 * 2
    twice = Hierarchy("rgb", norm, (*clipped.blocks, *clipped.blocks))
    assert features(picture, twice).shape == (3, 4, 4)
    padded = np.pad(picture.astype(np.float32), ((1, 1), (1, 1), (0, 0)))
    whole = np.clip(correlate(padded, filter_bank(4, 3, 3)), 0, 2)
    around = np.pad(whole, ((1, 1), (1, 1), (0, 0)))
    np.testing.assert_allclose(found, pool(around, 3, 1), rtol=1e-4)
