"""ML-Net's loss against its formula and degenerate maps."""

import numpy as np
import pytest

from keras_saliency.losses import MLNetLoss


@pytest.mark.parametrize(("power", "expected"), [(1, 0.01420455), (2, 0.01291322)])
def test_worked_example(example, power, expected):
    maps, density, _ = example
    assert float(MLNetLoss(power=power)(density, maps)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("alpha", "power"), [(1.1, 1), (1.1, 2), (1.5, 1)])
def test_it_is_the_formula_averaged_over_the_batch(random_maps, alpha, power):
    maps, density, _ = random_maps
    values = []
    for p, y in zip(maps.astype(float), density.astype(float), strict=True):
        weight = alpha - y if power == 1 else (alpha - y) ** 2
        values.append(((p / p.max() - y) ** 2 / weight).mean())
    found = MLNetLoss(alpha, power)(density[..., None], maps[..., None])
    assert float(found) == pytest.approx(np.mean(values), rel=1e-6)


def test_a_larger_map_of_the_same_shape_costs_the_same(example):
    maps, density, _ = example
    loss = MLNetLoss()
    assert float(loss(density, 1000 * maps)) == pytest.approx(float(loss(density, maps)), rel=1e-6)


def test_a_zero_map_counts_as_zero(example):
    maps, density, _ = example
    expected = np.mean(density**2 / (1.1 - density))
    assert float(MLNetLoss()(density, 0 * maps)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("power", [1, 2])
def test_value_and_gradient_are_finite(degenerate, assert_finite, power):
    maps, density, _ = degenerate
    assert_finite(MLNetLoss(power=power), density, maps)


def test_sizes_may_be_unknown(random_maps, assert_any_size):
    maps, density, _ = random_maps
    assert_any_size(MLNetLoss(), density[..., None], maps[..., None])


def test_weights_are_attributes_and_come_back(assert_round_trip):
    again = assert_round_trip(MLNetLoss(alpha=1.2, power=2))
    assert (again.alpha, again.power) == (1.2, 2)


def test_fit_lowers_it(random_maps, fit_step):
    losses = fit_step(MLNetLoss(), random_maps[1])
    assert losses[1] < losses[0]


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="alpha must exceed 1"):
        MLNetLoss(alpha=1.0)
    with pytest.raises(ValueError, match=r"power must be 1 .* or 2"):
        MLNetLoss(power=3)
