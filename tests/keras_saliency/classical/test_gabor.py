import numpy as np
import pytest
from scipy.ndimage import convolve

from keras_saliency.classical._gabor import ANGLES, GaborBank, gabor_energy

BANK = GaborBank(sigma=2.0, elongation=2.0, period=np.pi, reach=6)


@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize("phase", [0, 90])
def test_filters_have_no_mean_and_unit_norm(angle, phase):
    found = BANK.filter(angle, phase)
    assert found.shape == (13, 13)
    assert found.sum() == pytest.approx(0, abs=1e-13)
    assert (found**2).sum() == pytest.approx(1, rel=1e-13)


def test_the_filter_of_angle_0_waves_along_the_rows():
    row, column = 8, 7  # 2 below and 1 right of the middle
    wave = np.cos(2 * np.pi / np.pi * 2) * np.exp(-(2**2) / 8 - 1**2 / 32)
    middle = 1.0
    filter_ = BANK.filter(0, 0)
    corner = np.cos(2 * 6) * np.exp(-(6**2) / 8 - 6**2 / 32)
    # differences lose the mean, their ratio loses the norm
    found = (filter_[row, column] - filter_[0, 0]) / (filter_[6, 6] - filter_[0, 0])
    assert found == pytest.approx((wave - corner) / (middle - corner), rel=1e-12)


@pytest.mark.parametrize("size", [(20, 31), (5, 40), (1, 1), (3, 3)])
def test_energy_is_that_of_convolutions_with_edges_replicated(size):
    values = np.random.default_rng(0).random(size)
    values[0, 0] = 2  # two levels even for one pixel's neighbours
    if size == (1, 1):
        np.testing.assert_array_equal(gabor_energy(values, BANK), np.zeros((4, 1, 1)))
        return
    expected = [
        sum(
            np.abs(convolve(values, BANK.filter(angle, phase), mode="nearest")) for phase in (0, 90)
        )
        for angle in ANGLES
    ]
    np.testing.assert_allclose(gabor_energy(values, BANK), expected, atol=1e-12, rtol=0)


def test_a_flat_map_has_no_energy_at_all():
    np.testing.assert_array_equal(gabor_energy(np.full((9, 8), 0.3), BANK), np.zeros((4, 9, 8)))


def test_stripes_answer_most_to_their_own_angle():
    rows = np.cos(2 * np.arange(40.0))[:, None] * np.ones((1, 40))
    energy = gabor_energy(rows, BANK)[:, 10:30, 10:30].mean(axis=(1, 2))
    assert energy.argmax() == 0
    assert gabor_energy(rows.T, BANK)[:, 10:30, 10:30].mean(axis=(1, 2)).argmax() == 2
