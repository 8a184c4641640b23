import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.layers import MapNormalization


def test_the_docstrings_numbers():
    x = np.array([[1, 2], [3, 4]], "float32")[None, ..., None]
    found = np.asarray(MapNormalization()(x))[0, ..., 0]
    np.testing.assert_allclose(found, [[-1.342, -0.447], [0.447, 1.342]], atol=1e-3)


def test_one_far_pixel_of_one_channel_changes_every_output():
    x = np.random.default_rng(0).normal(size=(1, 6, 7, 3)).astype("float32")
    y = x.copy()
    y[0, 0, 0, 0] += 5
    first, second = (np.asarray(MapNormalization()(z)) for z in (x, y))
    assert (first != second).all()


def test_pictures_of_a_batch_do_not_meet():
    x = np.random.default_rng(0).normal(size=(2, 4, 5, 3)).astype("float32")
    both = np.asarray(MapNormalization()(x))
    np.testing.assert_allclose(both[1:], np.asarray(MapNormalization()(x[1:])), atol=1e-6)


def test_weights_are_two_a_channel():
    layer = MapNormalization()
    layer.build((None, None, None, 7))
    assert layer.count_params() == 14
