import keras
import numpy as np
import pytest

from keras_saliency.layers import DatasetCalibration
from keras_saliency.lite.calibration import Calibration

KNOWN = [Calibration(1.2, 0.5, 1.5), Calibration(2.7, 0.9, 0.6)]


@pytest.fixture
def layer():
    layer = DatasetCalibration(2)
    layer.build([(None, None, None, 1), (None, None, None, 1), (None, 1)])
    layer.set_calibrations(KNOWN)
    return layer


def inputs(seed=0, batch=3):
    rng = np.random.default_rng(seed)
    x, prior = (rng.normal(size=(batch, 6, 9, 1)).astype(np.float32) for _ in range(2))
    return x, prior, np.array([[0], [1], [-1]], np.int32)[:batch]


def test_each_sample_gets_its_data_sets_numbers_and_an_unknown_one_the_means(layer):
    x, prior, dataset = inputs()
    found = np.asarray(layer([x, prior, dataset]))
    mean = Calibration(float(np.sqrt(1.2 * 2.7)), 0.7, float(np.sqrt(1.5 * 0.6)))
    for k, one in enumerate([*KNOWN, mean]):
        wanted = one.gain * one.blur(x[k, ..., 0]) + one.prior_weight * prior[k, ..., 0]
        np.testing.assert_allclose(found[k, ..., 0], wanted, rtol=1e-4, atol=1e-5)


def test_what_is_set_is_told(layer):
    for found, known in zip(layer.calibrations(), KNOWN, strict=True):
        assert (found.sigma, found.prior_weight, found.gain) == pytest.approx(
            (known.sigma, known.prior_weight, known.gain)
        )


def test_a_hand_computed_value():
    layer = DatasetCalibration(1)
    layer.build([(None, None, None, 1), (None, None, None, 1), (None, 1)])
    layer.set_calibrations([Calibration(1.0, 2.0, 3.0)])
    x = np.array([0.0, 1.0], np.float32).reshape(1, 1, 2, 1)
    found = np.asarray(layer([x, np.ones_like(x), np.array([[0]], np.int32)]))
    side = np.exp(-0.5) / (1 + np.exp(-0.5))  # of the neighbour, in rows of two cells
    np.testing.assert_allclose(found.ravel(), [3 * side + 2, 3 * (1 - side) + 2], rtol=1e-5)


def test_all_three_learn_and_an_unused_data_set_does_not(layer):
    x, prior, _ = inputs()
    picture = keras.Input((6, 9, 1))
    bias, number = keras.Input((6, 9, 1)), keras.Input((1,), dtype="int32")
    model = keras.Model([picture, bias, number], layer([picture, bias, number]))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.run_eagerly = keras.backend.backend() == "tensorflow"
    before = [np.asarray(weight.value).copy() for weight in layer.triples]
    model.train_on_batch([x, prior, np.zeros((3, 1), np.int32)], np.ones_like(x))
    for weight, old in zip(layer.triples, before, strict=True):
        changed = np.asarray(weight.value) != old
        assert changed.tolist() == [True, False]


def test_the_pull_is_a_loss_of_the_spread():
    layer = DatasetCalibration(2, pull=0.5)
    layer.build([(None, None, None, 1), (None, None, None, 1), (None, 1)])
    layer.set_calibrations([Calibration(1.0, 0.5, 1.0), Calibration(1.0, 0.9, 1.0)])
    layer(list(inputs()))
    assert float(sum(layer.losses)) == pytest.approx(0.5 * 0.04, rel=1e-4)


def test_no_data_set_is_refused():
    with pytest.raises(ValueError, match="1 or more"):
        DatasetCalibration(0)


def test_it_is_built_again_from_its_configuration():
    again = DatasetCalibration.from_config(DatasetCalibration(3, pull=0.1).get_config())
    assert (again.datasets, again.pull) == (3, 0.1)
