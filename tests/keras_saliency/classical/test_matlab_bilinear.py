import numpy as np
import pytest

from keras_saliency.classical._matlab_bilinear import resize_bilinear, resize_bilinear_by_factor


def test_halving_by_hand():
    # a triangle four wide at 1.5 of 1..4: taps 0..3 weigh 1, 3, 3, 1, and tap 0 mirrors to 1
    found = resize_bilinear(np.array([[8.0, 16.0, 24.0, 32.0]]), (1, 2))
    np.testing.assert_allclose(found, [[(4 * 8 + 3 * 16 + 24) / 8, (16 + 3 * 24 + 4 * 32) / 8]])


def test_doubling_by_hand():
    found = resize_bilinear(np.array([[0.0], [4.0]]), (4, 1))
    np.testing.assert_allclose(found[:, 0], [0, 1, 3, 4])


def test_a_factor_is_the_scale_and_the_size_its_ceiling():
    values = np.random.default_rng(0).random((7, 9))
    found = resize_bilinear_by_factor(values, 0.5)
    assert found.shape == (4, 5)
    assert np.abs(found - resize_bilinear(values, (4, 5))).max() > 1e-3


def test_planes_are_resized_apart():
    values = np.random.default_rng(0).random((7, 9, 3))
    found = resize_bilinear(values, (5, 20))
    assert found.shape == (5, 20, 3)
    for k in range(3):
        np.testing.assert_allclose(found[..., k], resize_bilinear(values[..., k], (5, 20)))


@pytest.mark.parametrize("size", [(3, 4), (7, 9), (30, 2)])
def test_a_constant_stays(size):
    np.testing.assert_allclose(resize_bilinear(np.full((7, 9), 5.0), size), np.full(size, 5.0))
