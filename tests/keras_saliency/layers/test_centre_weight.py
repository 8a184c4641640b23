"""CentreWeight: ones change nothing but what is below 0; a learned map weighs by its mean."""

import numpy as np
import pytest
from keras import ops

from keras_saliency.layers import CentreWeight


def test_at_first_only_negatives_change():
    x = np.random.default_rng(0).normal(size=(2, 5, 7, 3)).astype(np.float32)
    found = ops.convert_to_numpy(CentreWeight()(x))
    np.testing.assert_allclose(found, np.maximum(x, 0), rtol=1e-6)


def test_the_hand_computed_example():
    layer = CentreWeight((1, 2))
    layer.build((None, 1, 2, 1))
    layer.weight.assign(np.float32([[[[1.0], [3.0]]]]))
    found = ops.convert_to_numpy(layer(np.ones((1, 1, 2, 1), np.float32)))
    np.testing.assert_allclose(found[0, 0, :, 0], [0.5, 1.5])


def test_the_mean_is_that_of_the_map_as_scaled():
    layer = CentreWeight(2)
    layer.build((None, 6, 8, 1))
    layer.weight.assign(np.float32([[[[1.0], [2.0]], [[3.0], [5.0]]]]))
    found = ops.convert_to_numpy(layer(np.ones((1, 6, 8, 1), np.float32)))
    assert found.mean() == pytest.approx(1, abs=1e-6)
    assert found[0, 0, 0, 0] < found[0, -1, -1, 0]


def test_a_size_that_is_none():
    with pytest.raises(ValueError, match="rows, columns"):
        CentreWeight(0)
