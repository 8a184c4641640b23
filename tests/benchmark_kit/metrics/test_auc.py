import numpy as np
import pytest

from benchmark_kit.metrics import auc
from benchmark_kit.types import Density, Fixations


def by_pairs(positives, negatives):
    """Every pair compared: the definition, quadratic."""
    wins = sum(float(q < p) + 0.5 * (q == p) for p in positives for q in negatives)
    return wins / (len(positives) * len(negatives))


def test_worked_example(tiny):
    assert auc(tiny.map, tiny.points) == pytest.approx(0.6979166666666666, abs=1e-15)
    assert auc(tiny.map, tiny.points, negatives="unfixated") == 0.796875


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_equals_every_pair_compared_in_every_type(noisy, dtype):
    x, y = noisy.points.T
    values = noisy.eight_bit.astype(float)
    expected = by_pairs(values[y, x], values.ravel())
    assert auc(noisy.eight_bit.astype(dtype), noisy.points) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("power", [1, 4, 8])
@pytest.mark.parametrize("negative", [False, True])
def test_float_path_is_exact_on_heavy_tails_zeros_and_logs(power, negative):
    rng = np.random.default_rng(power)
    values = rng.random((61, 47)) ** power
    values[rng.random(values.shape) < 0.2] = 0.0
    values[rng.random(values.shape) < 0.1] = values[3, 3]
    if negative:
        values = np.log(values + 1e-9)
    points = np.stack([rng.integers(0, 47, 80), rng.integers(0, 61, 80)], axis=1)
    x, y = points.T
    expected = by_pairs(values[y, x], values.ravel())
    assert auc(values, points) == pytest.approx(expected, abs=1e-15)


def test_histogram_and_float_path_agree_to_the_last_bit(noisy):
    assert auc(noisy.eight_bit, noisy.points) == auc(noisy.eight_bit / 255.0, noisy.points)


@pytest.mark.parametrize("value", [0.0, 0.37, 1e300, -4.0])
def test_a_constant_map_is_at_chance(value, tiny):
    assert auc(np.full((3, 4), value), tiny.points) == 0.5


def test_extremes_of_the_float_range_do_not_break_the_order():
    values = np.array([[-1e308, 0.0], [1e-320, 1e308]])
    assert auc(values, [(1, 1)]) == 0.875
    assert auc(values, [(0, 0)]) == 0.125


def test_no_fixations_is_nan(tiny):
    assert np.isnan(auc(tiny.map, np.empty((0, 2))))


def test_all_pixels_fixated_has_no_unfixated_negatives():
    points = [(x, y) for x in range(4) for y in range(3)]
    assert np.isnan(auc(np.arange(12.0).reshape(3, 4), points, negatives="unfixated"))


def test_a_density_is_no_fixations(tiny):
    with pytest.raises(TypeError, match="looks like a map"):
        auc(tiny.map, tiny.density)
    with pytest.raises(TypeError, match="got a Density"):
        auc(tiny.map, Density(tiny.density))


def test_points_outside_are_refused(tiny):
    with pytest.raises(ValueError, match="inside the image of 4x3"):
        auc(tiny.map, [(4, 0)])
    with pytest.raises(ValueError, match="belong to an image of 9x9"):
        auc(tiny.map, Fixations(np.array([1.0]), np.array([1.0]), (9, 9)))


def test_sampled_kind_follows_the_seed(tiny):
    form = auc.in_dialect("salicon2015")
    assert form(tiny.map, tiny.points, seed=3) == form(tiny.map, tiny.points, seed=3)
    values = [form(tiny.map, tiny.points, seed=seed) for seed in range(30)]
    assert np.mean(values) == pytest.approx(0.6980, abs=4 * 0.0007 / np.sqrt(30) + 4e-4)


def test_the_sampled_kind_scales_by_the_range_and_ties_on_constants(noisy):
    sampled = auc.in_dialect("salicon2015")
    values = noisy.eight_bit.astype(np.float64) / 256  # shifts and doubling are exact
    wanted = sampled(values, noisy.points)
    assert 0 < wanted < 1
    for shift, scale in ((5, 1), (-3, 1), (0, 2), (7, 0.5)):
        assert sampled(values * scale + shift, noisy.points) == pytest.approx(wanted, abs=1e-12)
    assert sampled(np.full(values.shape, 3.0), noisy.points) == 0.5
