import numpy as np
import pytest

from keras_saliency.losses import DSCLRCNLoss


def test_the_worked_example(example):
    maps, _, fixations = example
    assert float(DSCLRCNLoss()(fixations, maps)) == pytest.approx(-0.35 / 0.21794495, abs=1e-5)


def test_each_image_is_standardised_and_weighs_the_same_whatever_the_masks_scale(random_maps):
    maps, _, fixations = random_maps
    wanted = []
    for p, f in zip(maps.astype(np.float64), fixations, strict=True):
        standard = (p - p.mean()) / p.std()
        wanted.append(-(standard * f).sum() / f.sum())
    for scale in (1, 255):
        found = float(DSCLRCNLoss()(fixations * scale, maps))
        assert found == pytest.approx(np.mean(wanted), rel=1e-5)


def test_degenerate_maps_have_finite_values_and_gradients(degenerate, assert_finite):
    maps, _, fixations = degenerate
    assert_finite(DSCLRCNLoss(), fixations, maps)


def test_no_fixation_and_a_constant_map_cost_nothing():
    maps, none = np.random.default_rng(0).random((2, 1, 4, 5)).astype(np.float32)
    assert float(DSCLRCNLoss()(np.zeros_like(none), maps)) == 0
    assert float(DSCLRCNLoss()(none, np.full_like(maps, 0.3))) == 0


def test_it_comes_back_from_its_config_and_trains(assert_round_trip, fit_step, random_maps):
    assert_round_trip(DSCLRCNLoss(name="other"))
    _, _, fixations = random_maps
    first, second = fit_step(DSCLRCNLoss(), fixations[..., None])
    assert np.isfinite([first, second]).all()
