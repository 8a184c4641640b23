import numpy as np
import pytest
from scipy.spatial.distance import cdist

from keras_saliency.classical._alike import MostAlike

ROWS, COLUMNS, COUNT = 9, 37, 20


def _all_distances(patches, places, vectors, sampled):
    apart = cdist(patches, vectors) / (1 + 3 * cdist(places, sampled))
    return np.sort(apart, axis=1)[:, :COUNT].mean(axis=1)


def _picture(kind, rng):
    """Vectors of places side by side, (rows, columns, 27), mean near 0."""
    if kind == "noise":
        return rng.normal(size=(ROWS, COLUMNS, 27))
    smooth = np.cumsum(rng.normal(size=(ROWS, COLUMNS, 27)), axis=1) / 10
    if kind == "few axes":
        smooth = smooth[..., :3] @ rng.normal(size=(3, 27))
    if kind == "halves":  # the same many times, beside what is like nothing
        smooth[:, : COLUMNS // 2] = smooth[0, 0]
    if kind == "far":  # where rounding of squares hides differences
        smooth = 3 + smooth * 1e-4
    return smooth


@pytest.mark.parametrize("kind", ["noise", "smooth", "few axes", "halves", "far"])
@pytest.mark.parametrize("samples", [1, 19, 700])
def test_the_means_are_those_of_all_distances(kind, samples):
    rng = np.random.default_rng(0)
    rows = _picture(kind, rng)
    places = np.moveaxis(np.indices((ROWS, COLUMNS)), 0, 2) / COLUMNS
    chosen = rng.integers(0, ROWS * COLUMNS, samples)
    vectors, sampled = rows.reshape(-1, 27)[chosen], places.reshape(-1, 2)[chosen]
    alike = MostAlike(vectors, sampled, COUNT, error=1e-5)
    for patches, there in zip(rows, places, strict=True):
        expected = _all_distances(patches, there, vectors, sampled)
        np.testing.assert_allclose(alike.mean_distances(patches, there), expected, atol=2e-5)


def test_rows_that_are_unlike_those_above_are_found_as_well():
    rng = np.random.default_rng(1)
    vectors, sampled = rng.normal(size=(2000, 27)), rng.random((2000, 2))
    alike = MostAlike(vectors, sampled, COUNT, error=1e-5)
    for row in range(4):
        patches = vectors[500 * row : 500 * row + 30] + rng.normal(size=(30, 27)) / 100
        places = np.column_stack([np.full(30, row / 4), np.arange(30) / 30])
        np.testing.assert_allclose(
            alike.mean_distances(patches, places),
            _all_distances(patches, places, vectors, sampled),
            atol=2e-5,
        )


def test_few_samples_are_compared_where_pictures_are_smooth(monkeypatch):
    rng = np.random.default_rng(2)
    rows = _picture("smooth", rng).repeat(8, axis=0)
    places = np.moveaxis(np.indices(rows.shape[:2]), 0, 2) / COLUMNS
    vectors, sampled = rows.reshape(-1, 27), places.reshape(-1, 2)
    alike, compared = MostAlike(vectors, sampled, COUNT, error=1e-5), []
    own = alike._compared

    def counted(left, there, numbers):
        compared.append(len(left) * len(numbers))
        return own(left, there, numbers)

    monkeypatch.setattr(alike, "_compared", counted)
    for patches, there in zip(rows, places, strict=True):
        alike.mean_distances(patches, there)
    assert sum(compared) < len(vectors) ** 2 / 2
