import itertools
import math

import numpy as np
import pytest
import scipy.stats

from benchmark_kit.results.statistics import (
    bootstrap_intervals,
    groups_alike,
    holm,
    permutation_p,
)


def test_equals_a_loop_of_resamples():
    values = np.random.default_rng(0).normal(size=(40, 2))
    low, high = bootstrap_intervals(values, resamples=300, seed=5)
    generator = np.random.Generator(np.random.PCG64(5))
    drawn = generator.integers(40, size=(300, 40), dtype=np.int32)
    means = values[drawn].mean(axis=1)
    assert np.allclose(low, np.quantile(means, 0.025, axis=0))
    assert np.allclose(high, np.quantile(means, 0.975, axis=0))


def test_interval_has_about_the_width_that_theory_says():
    values = np.random.default_rng(1).normal(size=(2000, 1))
    low, high = bootstrap_intervals(values, resamples=4000)
    expected = 2 * 1.96 * values.std() / np.sqrt(2000)
    assert (high - low)[0] == pytest.approx(expected, rel=0.08)


def test_missing_values_leave_their_column_only():
    values = np.random.default_rng(2).normal(size=(30, 2))
    values[3, 0] = np.nan
    low, high = bootstrap_intervals(values, resamples=200)
    assert np.isfinite([low, high]).all()
    empty = np.full((5, 1), np.nan)
    low, high = bootstrap_intervals(empty, resamples=50)
    assert np.isnan(low[0])
    assert np.isnan(high[0])


def test_one_image_has_no_interval():
    low, _ = bootstrap_intervals(np.array([[1.0]]), resamples=50)
    assert np.isnan(low[0])


def slow_p(differences, permutations=None):
    """Every sign vector, one after the other."""
    values = [value for value in differences if np.isfinite(value)]
    observed = abs(math.fsum(values))
    hits = total = 0
    for signs in itertools.product((1, -1), repeat=len(values)):
        total += 1
        mean = abs(math.fsum(s * v for s, v in zip(signs, values, strict=True)))
        hits += mean >= observed - 1e-12 * sum(map(abs, values))
    return hits / total


def test_few_images_are_tested_by_all_signs():
    differences = np.random.default_rng(0).normal(0.4, 1, (9, 3))
    differences[2, 1] = np.nan
    differences[5, 2] = 0.0
    found = permutation_p(differences)
    assert found == pytest.approx([slow_p(column) for column in differences.T], abs=1e-15)


def test_exact_p_is_scipys():
    differences = np.random.default_rng(3).normal(0.3, 1, (11, 1))
    theirs = scipy.stats.permutation_test(
        (differences[:, 0],),
        lambda x, axis: np.mean(x, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    assert permutation_p(differences)[0] == pytest.approx(theirs.pvalue, abs=1e-15)


def test_drawn_p_is_near_the_t_test_where_images_are_many():
    differences = np.random.default_rng(1).normal(0.1, 1, (400, 5))
    differences[::3, 2] = np.nan
    theirs = scipy.stats.ttest_1samp(differences, 0, nan_policy="omit").pvalue
    # the standard error of 10,000 draws is at most 0.005
    assert permutation_p(differences) == pytest.approx(theirs, abs=0.02)


def test_drawn_p_is_never_zero_and_repeats_with_the_seed():
    differences = np.full((30, 1), 0.5)
    assert permutation_p(differences, permutations=99)[0] == 1 / 100
    noisy = np.random.default_rng(2).normal(0.2, 1, (40, 2))
    again = [permutation_p(noisy, permutations=500, seed=s) for s in (4, 4, 5)]
    assert np.array_equal(again[0], again[1])
    assert not np.array_equal(again[0], again[2])


def test_columns_do_not_change_each_other():
    differences = np.random.default_rng(7).normal(0.1, 1, (50, 4))
    together = permutation_p(differences, permutations=2000)
    alone = [permutation_p(differences[:, [k]], permutations=2000)[0] for k in range(4)]
    assert np.array_equal(together, alone)


def test_p_of_nothing_and_of_one_image():
    assert np.isnan(permutation_p(np.full((3, 1), np.nan))[0])
    assert permutation_p(np.zeros((20, 1)))[0] == 1.0
    assert permutation_p(np.array([[0.7]]))[0] == 1.0


def test_rounding_does_not_hide_ties_of_sums():
    # 0.1 + 0.2 - 0.3 is not 0 in floating point: every |sum| that should tie must tie
    differences = np.array([[0.1], [0.2], [-0.3]])
    assert permutation_p(differences)[0] == 1.0


def slow_holm(p):
    """By the definition: step down and stop at the first test that is not significant."""
    levels = np.linspace(0, 1, 2001)
    known = [k for k in range(len(p)) if np.isfinite(p[k])]
    ordered = sorted(known, key=lambda k: p[k])
    found = [np.nan] * len(p)
    for alpha in levels[::-1]:
        for step, k in enumerate(ordered):
            if p[k] * (len(ordered) - step) > alpha:
                break
            found[k] = alpha
    return found


def test_holm_is_the_smallest_level_at_which_stepping_down_rejects():
    p = np.array([0.012, 0.5, np.nan, 0.03, 0.012, 0.0005, 0.9])
    adjusted, slow = holm(p), slow_holm(p)
    for ours, theirs in zip(adjusted, slow, strict=True):
        assert (np.isnan(ours) and np.isnan(theirs)) or ours == pytest.approx(theirs, abs=6e-4)
    assert holm(np.array([0.02])) == pytest.approx([0.02])
    assert holm(np.array([0.6, 0.4])).tolist() == [0.8, 0.8]
    assert holm(np.array([0.6, 0.7])).tolist() == [1.0, 1.0]
    assert holm(np.array([[0.02, 0.03]])).shape == (1, 2)


def cliques(members, apart):
    """Largest groups without a pair that differs, by trying every group."""
    apart = {frozenset(pair) for pair in apart}
    fine = [
        frozenset(group)
        for n in range(1, len(members) + 1)
        for group in itertools.combinations(members, n)
        if not any(frozenset(pair) in apart for pair in itertools.combinations(group, 2))
    ]
    return {group for group in fine if not any(group < other for other in fine)}


def test_groups_are_the_largest_without_a_pair_that_differs():
    assert groups_alike([2, 0, 1], [(0, 1), (1, 2)]) == [[2, 0], [1]]
    assert groups_alike([0, 1, 2], [(0, 2)]) == [[0, 1], [1, 2]]
    assert groups_alike([0, 1, 2], []) == [[0, 1, 2]]
    rng = np.random.default_rng(0)
    for _ in range(50):
        members = list(rng.permutation(6).tolist())
        apart = [pair for pair in itertools.combinations(range(6), 2) if rng.random() < 0.4]
        found = groups_alike(members, apart)
        assert {frozenset(group) for group in found} == cliques(members, apart)
        assert len(found) == len({frozenset(group) for group in found})


def test_false_alarms_are_as_often_as_the_level_says():
    rng = np.random.default_rng(11)
    model = rng.standard_t(4, (60, 1000))
    other = rng.standard_t(4, (60, 1000))
    p = permutation_p(model - other, permutations=2000)
    assert 0.03 <= (p <= 0.05).mean() <= 0.07
    low, high = bootstrap_intervals(model - other, resamples=1000)
    assert 0.03 <= ((low > 0) | (high < 0)).mean() <= 0.09  # percentile intervals are a bit short


def test_two_values_are_enough_for_an_interval_and_one_is_not():
    values = np.array([[1.0, 1.0], [3.0, np.nan], [np.nan, np.nan]])
    low, high = bootstrap_intervals(values, resamples=500)
    assert (low[0], high[0]) == (1.0, 3.0)
    assert np.isnan([low[1], high[1]]).all()


@pytest.mark.parametrize("images", [2_500, 20_000])
def test_memory_does_not_grow_with_the_images(images):
    import tracemalloc

    values = np.random.default_rng(0).normal(size=(images, 2))
    tracemalloc.start()
    bootstrap_intervals(values, resamples=40)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16e6


def test_intervals_do_not_depend_on_how_many_resamples_are_drawn_at_once():
    """Of 40,000 images ten resamples are drawn at once: the draws are those of one by one."""
    values = np.random.default_rng(0).normal(size=(40_000, 1))
    generator = np.random.Generator(np.random.PCG64(5))
    means = [values[generator.integers(40_000, size=40_000, dtype=np.int32), 0].mean()
             for _ in range(25)]  # fmt: skip
    low, high = bootstrap_intervals(values, resamples=25, seed=5)
    expected = np.quantile(means, [0.025, 0.975])
    np.testing.assert_allclose([low[0], high[0]], expected, rtol=1e-12, atol=1e-12)
