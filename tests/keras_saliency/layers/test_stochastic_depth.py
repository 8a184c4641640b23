import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.layers.stochastic_depth import StochasticDepth

SHORTCUT = np.ones((3, 2, 2, 1), "float32")
RESIDUAL = np.full((3, 2, 2, 1), 4, "float32")


def test_inference_weighs_the_residual_with_the_probability():
    got = np.asarray(StochasticDepth(0.25)([SHORTCUT, RESIDUAL]))
    np.testing.assert_array_equal(got, 2)


def test_training_throws_one_coin_for_the_batch_and_divides_nothing():
    layer = StochasticDepth(0.7, seed=2)
    got = [np.asarray(layer([SHORTCUT, RESIDUAL], training=True)) for _ in range(200)]
    assert all(np.ptp(y) == 0 for y in got)
    values = [y[0, 0, 0, 0] for y in got]
    assert set(values) == {1, 5}
    assert 0.7 - 0.13 < np.mean(np.equal(values, 5)) < 0.7 + 0.13  # four standard deviations


@pytest.mark.parametrize(("survival", "expected"), [(0, 1), (1, 5)])
def test_the_ends_are_certain(survival, expected):
    layer = StochasticDepth(survival)
    for _ in range(20):
        assert float(layer([SHORTCUT, RESIDUAL], training=True)[0, 0, 0, 0]) == expected


def test_a_probability_outside_is_named():
    with pytest.raises(ValueError, match=r"in \[0, 1\]; found 1.5"):
        StochasticDepth(1.5)
