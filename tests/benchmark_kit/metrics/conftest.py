"""A worked example of three by four pixels, small enough to check by hand."""

from types import SimpleNamespace

import numpy as np
import pytest


@pytest.fixture(scope="session")
def tiny():
    return SimpleNamespace(
        map=np.array([[0.1, 0.4, 0.4, 0.2], [0.0, 0.9, 0.7, 0.2], [0.3, 0.4, 1.0, 0.1]]),
        points=np.array([(1, 1), (2, 2), (3, 0), (1, 0)]),
        density=np.array([[0.5, 1, 0.5, 0.25], [1, 4, 2, 0.5], [0.25, 1, 3, 0.5]]),
        negatives=np.array([(0, 0), (2, 1), (2, 1), (3, 2), (1, 1), (0, 2)]),
        baseline=np.array([[1, 2, 2, 1], [2, 4, 4, 2], [1, 2, 2, 1]], dtype=float),
    )


@pytest.fixture(scope="session")
def noisy():
    """A map with many ties, its 8-bit form, and fixations with repeats."""
    rng = np.random.default_rng(7)
    eight_bit = rng.integers(0, 40, (37, 53)).astype(np.uint8)
    points = np.stack([rng.integers(0, 53, 60), rng.integers(0, 37, 60)], axis=1)
    return SimpleNamespace(
        eight_bit=eight_bit,
        points=np.concatenate([points, points[:9]]),
        density=rng.random((37, 53)) ** 3,
        eight_bit_density=rng.integers(0, 256, (37, 53)).astype(np.uint8),
        negatives=np.stack([rng.integers(0, 53, 300), rng.integers(0, 37, 300)], axis=1),
    )
