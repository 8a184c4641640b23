import keras
import numpy as np
import pytest

from keras_saliency.losses import EMLLoss, ScaledLabels


def test_the_other_loss_sees_scaled_labels():
    y, p = np.full((2, 3, 3, 1), 0.25, np.float32), np.zeros((2, 3, 3, 1), np.float32)
    assert float(ScaledLabels(keras.losses.MeanSquaredError())(y, p)) == pytest.approx(0.25)
    assert float(ScaledLabels("MeanSquaredError", 0.0, 1.0)(y, p)) == pytest.approx(0.0625)


def test_sums_stay_sums():
    y, p = np.ones((2, 3, 3, 1), np.float32), np.zeros((2, 3, 3, 1), np.float32)
    loss = ScaledLabels(keras.losses.MeanSquaredError(reduction="sum"), 0, 2)
    assert float(loss(y, p)) == pytest.approx(2 * 9 * 4)


def test_it_asks_for_what_the_other_loss_asks_for():
    assert ScaledLabels(EMLLoss()).truth == ("density", "fixations")
    assert ScaledLabels().truth == ("map",)


def test_it_is_made_again_with_the_other_loss():
    made = ScaledLabels(keras.losses.MeanSquaredError(reduction="sum"), -0.5, 2.0)
    again = keras.losses.deserialize(keras.losses.serialize(made))
    assert (again.low, again.high) == (-0.5, 2.0)
    assert isinstance(again.loss, keras.losses.MeanSquaredError)
    assert again.reduction == again.loss.reduction == "sum"
