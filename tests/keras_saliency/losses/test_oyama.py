"""The loss of DenseSal and DPNSal against its formula and degenerate maps."""

import numpy as np
import pytest

from keras_saliency.losses import OyamaKL


def formula(p, y, eps=1e-7):
    p, y = p.astype(np.float64), y.astype(np.float64)
    p, y = (p + eps) / (p.sum() + eps), (y + eps) / (y.sum() + eps)
    return (y * (np.log(y) - np.log(p))).sum()


def test_worked_example(example):
    maps, density, _ = example
    assert float(OyamaKL()(density, maps)) == pytest.approx(0.1177823, abs=1e-5)


def test_it_is_the_formula_averaged_over_the_batch(random_maps):
    maps, density, _ = random_maps
    expected = np.mean([formula(p, y) for p, y in zip(maps, density, strict=True)])
    assert float(OyamaKL()(density[..., None], maps[..., None])) == pytest.approx(
        expected, rel=2e-6
    )


def test_a_zero_map_has_the_originals_value(random_maps):
    # the constant in the sum counts once: every share of a zero map is 1
    _, density, _ = random_maps
    expected = formula(np.zeros_like(density[0]), density[0])
    found = float(OyamaKL()(density[:1], np.zeros_like(density[:1])))
    assert found == pytest.approx(expected, rel=1e-6)


def test_a_density_of_another_size_is_resized(random_maps):
    maps, density, _ = random_maps
    # half-pixel centres: at half the size every pixel is the mean of two by two
    halved = density.reshape(4, 12, 2, 14, 2).mean(axis=(2, 4))
    small = maps[:, :12, :14]
    expected = np.mean([formula(p, y) for p, y in zip(small, halved, strict=True)])
    assert float(OyamaKL()(density, small)) == pytest.approx(expected, rel=1e-5)


def test_value_and_gradient_are_finite(degenerate, assert_finite):
    maps, density, _ = degenerate
    assert_finite(OyamaKL(), density, maps)


def test_sizes_may_be_unknown(random_maps, assert_any_size):
    maps, density, _ = random_maps
    assert_any_size(OyamaKL(), density[..., None], maps[:, :11, :9, None])


def test_config_round_trip(assert_round_trip):
    assert_round_trip(OyamaKL())


def test_fit_lowers_it(random_maps, fit_step):
    losses = fit_step(OyamaKL(), random_maps[1])
    assert losses[1] < losses[0]
