import numpy as np
import pytest

pytest.importorskip("keras")
import keras

from keras_saliency.addons.schedules import CyclicalLearningRate


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [1, 3, 5, 3, 1, 3, 5, 3, 1]),
        ({"mode": "triangular2"}, [1, 3, 5, 3, 1, 2, 3, 2, 1]),
        ({"mode": "exponential", "gamma": 0.5}, [1, 2, 2, 1.25, 1, 1.0625, 1.0625]),
    ],
)
def test_steps_by_hand(options, expected):
    schedule = CyclicalLearningRate(1.0, 5.0, 2, **options)
    got = [float(schedule(step)) for step in range(len(expected))]
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_an_optimiser_follows_it():
    optimizer = keras.optimizers.SGD(CyclicalLearningRate(0.1, 0.3, 1))
    weight = keras.Variable([0.0])
    for _ in range(3):
        optimizer.apply([keras.ops.ones((1,))], [weight])
    assert float(weight.value[0]) == pytest.approx(-0.1 - 0.3 - 0.1)


def test_config_round_trip():
    schedule = CyclicalLearningRate(0.1, 0.3, 7, "exponential", 0.9)
    form = keras.optimizers.schedules.serialize(schedule)
    again = keras.optimizers.schedules.deserialize(form)
    assert again.get_config() == schedule.get_config()


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="found 'cosine'"):
        CyclicalLearningRate(0.1, 0.2, 3, "cosine")
    with pytest.raises(ValueError, match="positive; found 0"):
        CyclicalLearningRate(0.1, 0.2, 0)
