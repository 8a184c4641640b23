import numpy as np
import pytest

from keras_saliency.lite.calibration import Calibration, fine, mean_calibration

PLAIN = Calibration(sigma=1e-3, prior_weight=0.0, gain=1.0)


def uniform(height, width):
    return np.full((height, width), -np.log(height * width))


def test_scores_come_to_the_finer_grid_with_half_pixel_centres():
    found = fine(np.array([[0.0, 1.0]]))
    np.testing.assert_allclose(found, [[0, 0.25, 0.75, 1]] * 2)


def test_the_blur_keeps_a_constant_up_to_the_border():
    plane = np.full((6, 9), 2.5, np.float32)
    found = Calibration(sigma=3.0, prior_weight=0, gain=1).blur(plane)
    np.testing.assert_allclose(found, plane, rtol=1e-6)


def test_an_impulse_becomes_a_gaussian_of_the_width_that_is_asked_for():
    plane = np.zeros((41, 41), np.float32)
    plane[20, 20] = 1
    found = Calibration(sigma=2.0, prior_weight=0, gain=1).blur(plane)
    place = np.arange(41) - 20
    np.testing.assert_allclose(found.sum(), 1, rtol=1e-5)
    np.testing.assert_allclose((found.sum(axis=0) * place**2).sum(), 4, rtol=1e-4)


def test_planes_are_blurred_one_by_one():
    planes = np.random.default_rng(0).normal(size=(3, 8, 10)).astype(np.float32)
    calibration = Calibration(sigma=1.3, prior_weight=0, gain=1)
    for together, alone in zip(
        calibration.blur(planes), map(calibration.blur, planes), strict=True
    ):
        np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("size", [(37, 50), (1, 1), (641, 479)])
def test_densities_sum_to_one_at_any_size(size):
    scores = np.random.default_rng(0).normal(size=(6, 8))
    found = Calibration(1.2, 0.7, 1.1).log_density(scores, uniform(*size))
    assert found.shape == size
    assert abs(np.log(np.exp(found).sum())) < 1e-6


def test_flat_scores_leave_the_prior_to_the_power_of_its_weight():
    prior = np.log(np.array([[0.1, 0.2], [0.3, 0.4]]))
    found = Calibration(1.0, 2.0, 1.0).log_density(np.zeros((2, 2)), prior)
    wanted = np.array([[1, 4], [9, 16]]) / 30
    np.testing.assert_allclose(np.exp(found), wanted, rtol=1e-6)


def test_unknown_pictures_get_the_means():
    found = mean_calibration([Calibration(1.0, 0.5, 2.0), Calibration(4.0, 0.7, 0.5)])
    assert (found.sigma, found.prior_weight, found.gain) == pytest.approx((2.0, 0.6, 1.0))


def test_a_gain_below_one_flattens():
    scores = np.random.default_rng(0).normal(size=(6, 8))
    sharp, flat = (
        Calibration(1.0, 0.0, gain).log_density(scores, uniform(48, 64)) for gain in (1.0, 0.5)
    )
    assert flat.max() < sharp.max()
    assert flat.min() > sharp.min()
