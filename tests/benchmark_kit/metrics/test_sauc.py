import numpy as np
import pytest

from benchmark_kit.metrics import auc, sauc


def by_pairs(positives, negatives):
    wins = sum(float(q < p) + 0.5 * (q == p) for p in positives for q in negatives)
    return wins / (len(positives) * len(negatives))


def test_worked_example(tiny):
    assert sauc.in_dialect("tuebingen")(tiny.map, tiny.points, tiny.negatives) == 0.6875
    counts = np.zeros((3, 4), int)
    np.add.at(counts, (tiny.negatives[:, 1], tiny.negatives[:, 0]), 1)
    own = counts.copy()
    own[tiny.points[:, 1], tiny.points[:, 0]] += 1
    assert sauc.in_dialect("salicon2015")(tiny.map, tiny.points, negative_counts=own) == 0.75
    form = sauc.in_dialect("salicon2017")
    assert form(tiny.map, tiny.points, negative_counts=counts) == pytest.approx(0.7083333333333334)
    form = sauc.in_dialect("mit")
    values = [form(tiny.map, tiny.points, tiny.negatives, seed=seed) for seed in range(200)]
    assert np.mean(values) == pytest.approx(0.7499, abs=4 * 0.0068 / np.sqrt(200) + 5e-4)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_equals_every_pair_compared(noisy, dtype):
    (x, y), (u, v) = noisy.points.T, noisy.negatives.T
    values = noisy.eight_bit.astype(float)
    expected = by_pairs(values[y, x], values[v, u])
    ours = sauc(noisy.eight_bit.astype(dtype), noisy.points, noisy.negatives)
    assert ours == pytest.approx(expected, abs=1e-15)


def test_points_and_their_counts_are_the_same_negatives(noisy):
    counts = np.zeros((37, 53), int)
    np.add.at(counts, (noisy.negatives[:, 1], noisy.negatives[:, 0]), 1)
    from_points = sauc(noisy.eight_bit, noisy.points, noisy.negatives)
    assert sauc(noisy.eight_bit, noisy.points, negative_counts=counts) == from_points
    assert sauc(noisy.eight_bit * 1.0, noisy.points, negative_counts=counts) == from_points


def test_all_pixels_as_negatives_is_the_exact_auc(noisy):
    ones = np.ones((37, 53), int)
    assert sauc(noisy.eight_bit, noisy.points, negative_counts=ones) == auc(
        noisy.eight_bit, noisy.points
    )


def test_negatives_are_needed_once(tiny):
    with pytest.raises(TypeError, match="either negatives"):
        sauc(tiny.map, tiny.points)
    with pytest.raises(TypeError, match="either negatives"):
        sauc(tiny.map, tiny.points, tiny.negatives, negative_counts=np.ones((3, 4)))
    with pytest.raises(ValueError, match="pixels"):
        sauc(tiny.map, tiny.points, negative_counts=np.ones((5, 5)))


def test_constant_map_follows_the_dialect(tiny):
    flat = np.ones((3, 4))
    assert sauc.in_dialect("tuebingen")(flat, tiny.points, tiny.negatives) == 0.5
    assert sauc.in_dialect("salicon2015")(flat, tiny.points, tiny.negatives) == 0.5
    assert np.isnan(sauc.in_dialect("mit")(flat, tiny.points, tiny.negatives))
    assert np.isnan(sauc.in_dialect("salicon2017")(flat, tiny.points, tiny.negatives))
