import numpy as np
import pytest

from benchmark_kit.dialects import get_dialect
from benchmark_kit.scoring.points import dialect_index, repeated_points
from benchmark_kit.scoring.pooled import PooledFixations, own_points
from benchmark_kit.types import Fixations, GroundTruth


def make(sizes, seed=0, n=50):
    rng = np.random.default_rng(seed)
    return [
        GroundTruth(str(k), size, Fixations(*(rng.uniform(0, size[a], n) for a in (1, 0)), size))
        for k, size in enumerate(sizes)
    ]


def brute(truths, size, once):
    counts = np.zeros(size)
    for truth in truths:
        seen = set()
        for x, y in zip(truth.fixations.x, truth.fixations.y, strict=True):
            column, row = int(x * (size[1] / truth.size[1])), int(y * (size[0] / truth.size[0]))
            if once and (row, column) in seen:
                continue
            seen.add((row, column))
            counts[row, column] += 1
    return counts


@pytest.mark.parametrize("dialect", ["tuebingen", "salicon2017"])
@pytest.mark.parametrize("sizes", [[(20, 30)] * 4, [(20, 30), (10, 50), (31, 17)]])
def test_counts_equal_point_by_point(dialect, sizes):
    truths = make(sizes)
    pool = PooledFixations(truths, get_dialect(dialect))
    for size in set(sizes):
        expected = brute(truths, size, once=dialect != "tuebingen")
        assert np.array_equal(pool.counts(size).reshape(size), expected)
        assert pool.total(size) == expected.sum()


def test_packed_counts_split_again():
    truths = make([(20, 30)] * 4)
    pool = PooledFixations(truths, get_dialect("tuebingen"))
    packed = pool.packed((20, 30))
    groups = np.random.default_rng(0).integers(0, 7, 600)
    sums = np.bincount(groups, weights=packed.weights, minlength=7)
    expected = np.bincount(groups, weights=pool.counts((20, 30)), minlength=7)
    assert np.array_equal(packed.negatives(sums), expected)
    assert np.array_equal(packed.pixels(sums), np.bincount(groups, minlength=7))


def test_drawn_images_are_others_and_follow_the_generator():
    truths = make([(20, 30)] * 14)
    pool = PooledFixations(truths, get_dialect("mit"), keep_points=True)
    one = pool.drawn_union("3", (20, 30), np.random.default_rng(1))
    assert np.array_equal(one, pool.drawn_union("3", (20, 30), np.random.default_rng(1)))
    possible = np.unique(np.concatenate([t.fixations.flat_index for t in truths if t.name != "3"]))
    assert np.isin(one, possible).all()
    alone = PooledFixations(truths[:1], get_dialect("mit"), keep_points=True)
    assert len(alone.drawn_union("0", (20, 30), np.random.default_rng(1))) == 0


def test_filter_keeps_points_that_equal_their_successor():
    assert repeated_points(np.array([5, 3, 5, 5, 9, 3])).tolist() == [3, 5, 5]
    assert repeated_points(np.array([1, 2, 3])).tolist() == []


def test_views_of_repeats():
    fixations = Fixations(np.array([1.0, 1.5, 2.0]), np.array([0.0, 0.9, 0.0]), (2, 4))
    assert dialect_index(fixations, get_dialect("tuebingen")).tolist() == [1, 1, 2]
    assert dialect_index(fixations, get_dialect("mit")).tolist() == [1, 2]
    assert dialect_index(fixations, get_dialect("salicon2015")).tolist() == [1]


def test_an_images_own_share_counts_a_pixel_as_the_pool_does():
    own = Fixations(np.array([3.0, 3.5, 7.0]), np.array([2.0, 2.0, 4.0]), (10, 20))
    repeated = own_points(own, get_dialect("tuebingen"))
    once = own_points(own, get_dialect("salicon2017"))
    assert repeated.tolist() == [43, 43, 87]
    assert once.tolist() == [43, 87]


def test_the_filtered_points_of_salicon_2015_keep_their_place():
    points = Fixations(np.array([3.0, 3.0, 7.0, 5.0]), np.array([2.0, 2.0, 4.0, 1.0]), (10, 20))
    pool = PooledFixations([GroundTruth("a", (10, 20), points)], get_dialect("salicon2015"))
    counts = pool.counts((10, 20)).reshape(10, 20)
    assert counts.sum() == 1
    assert counts[2, 3] == 1
