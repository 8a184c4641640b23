import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.layers import AddCentreBias, DensityMixture, LogDensity


def maps(values):
    return np.asarray(values, "float32")[None, ..., None]


def test_a_log_density_sums_to_one():
    found = np.asarray(LogDensity()(maps([[0, 0], [0, np.log(5)]])))[0, ..., 0]
    np.testing.assert_allclose(np.exp(found), [[1 / 8, 1 / 8], [1 / 8, 5 / 8]], rtol=1e-5)


def test_large_scores_do_not_overflow():
    found = np.asarray(LogDensity()(maps([[1e4, 0]])))[0, ..., 0]
    np.testing.assert_allclose(found, [[0, -1e4]])


def test_densities_are_mixed_and_not_their_logs():
    parts = [maps(np.log([[0.2, 0.8]])), maps(np.log([[0.6, 0.4]]))]
    found = np.asarray(DensityMixture()(parts))[0, ..., 0]
    np.testing.assert_allclose(np.exp(found), [[0.4, 0.6]], rtol=1e-5)


def test_the_bias_is_added_with_its_weight():
    layer = AddCentreBias()
    layer.build([(None, 1, 2, 1)] * 2)
    assert layer.count_params() == 1
    layer.set_weights([np.float32(0.5)])
    found = np.asarray(layer([maps([[1, 2]]), maps([[4, -2]])]))[0, ..., 0]
    np.testing.assert_allclose(found, [[3, 1]])
    fixed = AddCentreBias(trainable_weight=False)
    fixed.build([(None, 1, 2, 1)] * 2)
    assert not fixed.trainable_weights
