import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.layers.l2_normalization import L2Normalization


def test_three_and_four_become_six_and_eight():
    got = np.asarray(L2Normalization(10.0)(np.array([[3.0, 4.0]], np.float32)))
    np.testing.assert_allclose(got, [[6.0, 8.0]], rtol=1e-5)


@pytest.mark.parametrize("shape", [(2, 7), (2, 3, 4, 5)])
def test_every_image_has_the_length_of_the_scale(shape):
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32) * 50
    got = np.asarray(L2Normalization(400.0)(x)).reshape(2, -1)
    np.testing.assert_allclose(np.linalg.norm(got, axis=1), 400, rtol=1e-5)
    np.testing.assert_allclose(got[0] / got[0, 0], (x[0] / x[0].flat[0]).ravel(), rtol=1e-4)


def test_the_epsilon_is_under_the_root_and_the_scale_is_learned(gradient):
    x, weights = np.full((1, 2), 0.1, np.float32), np.ones((1, 2), np.float32)
    layer = L2Normalization(3.0, epsilon=0.02)
    np.testing.assert_allclose(np.asarray(layer(x)), 3 * 0.1 / np.sqrt(0.04), rtol=1e-5)
    _, by_scale = gradient(layer, (x,), weights)
    assert by_scale == pytest.approx(2 * 0.1 / np.sqrt(0.04), rel=1e-5)


def test_zeros_stay_zeros():
    np.testing.assert_array_equal(np.asarray(L2Normalization(9.0)(np.zeros((1, 2, 2, 3)))), 0)
