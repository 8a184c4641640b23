"""Weighted squared error against its formula and against ML-Net's loss of power 2."""

import numpy as np
import pytest

from keras_saliency.losses import MLNetLoss, WeightedMSE


def test_worked_example(example):
    maps, density, _ = example
    assert float(WeightedMSE()(density, maps)) == pytest.approx(0.01291322, abs=1e-6)


def test_it_is_the_formula_averaged_over_the_batch(random_maps):
    maps, density, _ = random_maps
    pairs = zip(maps.astype(float), density.astype(float), strict=True)
    expected = np.mean([(((p / p.max() - y) / (1.3 - y)) ** 2).mean() for p, y in pairs])
    assert float(WeightedMSE(alpha=1.3)(density, maps)) == pytest.approx(expected, rel=1e-6)


def test_it_is_ml_nets_loss_of_power_two(random_maps):
    maps, density, _ = random_maps
    expected = float(MLNetLoss(power=2)(density, maps))
    assert float(WeightedMSE()(density, maps)) == expected


def test_value_and_gradient_are_finite(degenerate, assert_finite):
    maps, density, _ = degenerate
    assert_finite(WeightedMSE(), density, maps)


def test_sizes_may_be_unknown(random_maps, assert_any_size):
    maps, density, _ = random_maps
    assert_any_size(WeightedMSE(), density[..., None], maps[..., None])


def test_config_round_trip(assert_round_trip):
    assert assert_round_trip(WeightedMSE(alpha=1.4)).alpha == 1.4


def test_fit_lowers_it(random_maps, fit_step):
    losses = fit_step(WeightedMSE(), random_maps[1])
    assert losses[1] < losses[0]


def test_alpha_is_checked():
    with pytest.raises(ValueError, match="alpha must exceed 1"):
        WeightedMSE(alpha=0.9)
