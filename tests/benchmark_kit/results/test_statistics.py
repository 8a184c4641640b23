import numpy as np
import pytest

from benchmark_kit.results.statistics import bootstrap_intervals


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
