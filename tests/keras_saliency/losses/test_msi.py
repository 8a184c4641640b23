"""MSI-Net's loss against its formula, the kit and degenerate maps."""

import numpy as np
import pytest

from benchmark_kit.metrics import kl
from keras_saliency.losses import MSILoss


def test_worked_example(example):
    maps, density, _ = example
    low, high = maps.min(), maps.max()
    scaled = (maps - low) / (high - low)
    assert float(MSILoss()(density, scaled)) == pytest.approx(0.0204108, abs=1e-5)


def formula(p, y, eps=1e-7):
    p, y = p.astype(np.float64), y.astype(np.float64)
    p, y = p / (eps + p.sum()), y / (eps + y.sum())
    return (y * np.log(eps + y / (eps + p))).sum()


def test_it_is_the_formula_averaged_over_the_batch(random_maps):
    maps, density, _ = random_maps
    expected = np.mean([formula(p, y) for p, y in zip(maps, density, strict=True)])
    # sums of 672 float32 terms of order 1
    assert float(MSILoss()(density, maps)) == pytest.approx(expected, rel=2e-6)


def test_it_is_the_kits_kl(random_maps):
    maps, density, _ = random_maps
    expected = np.mean([kl(p, y, eps=1e-7, rule="sum") for p, y in zip(maps, density, strict=True)])
    assert float(MSILoss()(density[..., None], maps[..., None])) == pytest.approx(
        expected, rel=2e-6
    )


def test_a_zero_map_has_the_originals_value(random_maps):
    _, density, _ = random_maps
    expected = formula(np.zeros_like(density[0]), density[0])
    assert float(MSILoss()(density[:1], np.zeros_like(density[:1]))) == pytest.approx(
        expected, rel=1e-6
    )


def test_value_and_gradient_are_finite(degenerate, assert_finite):
    maps, density, _ = degenerate
    value, _ = assert_finite(MSILoss(), density, maps)
    assert value >= -1e-6


def test_sizes_may_be_unknown(random_maps, assert_any_size):
    maps, density, _ = random_maps
    assert_any_size(MSILoss(), density[..., None], maps[..., None])


def test_config_round_trip(assert_round_trip):
    assert assert_round_trip(MSILoss(name="divergence")).name == "divergence"


def test_fit_lowers_it(random_maps, fit_step):
    _, density, _ = random_maps
    losses = fit_step(MSILoss(), density)
    assert losses[1] < losses[0]


def test_sizes_must_match(random_maps):
    maps, density, _ = random_maps
    with pytest.raises(ValueError, match=r"size of y_pred, \(24, 28\); found \(12, 28\)"):
        MSILoss()(density[:, :12], maps)


def test_one_map_an_image(random_maps):
    maps, density, _ = random_maps
    stacked = np.stack([density, density], axis=-1)
    with pytest.raises(ValueError, match=r"y_true must have the shape .*found \(4, 24, 28, 2\)"):
        MSILoss()(stacked, maps)
