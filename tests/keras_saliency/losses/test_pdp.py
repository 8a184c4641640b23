import keras
import numpy as np
import pytest
from keras import ops

from keras_saliency.losses import PDPLoss, RegressionLoss
from keras_saliency.losses.pdp import DISTANCES

LOGS = np.log(np.array([[0.25, 0.75]], "float32"))[None, ..., None]
EVEN = np.full((1, 1, 2, 1), 0.5, "float32")


@pytest.mark.parametrize(
    ("distance", "wanted"),
    [
        ("kl", 0.5 * np.log(2) + 0.5 * np.log(2 / 3)),
        ("chi2", 0.25 / 0.25 + 0.25 / 0.75 - 1),
        ("chi2_symmetric", 0.0625 / 0.75 + 0.0625 / 1.25),
        ("tv", 0.25),
        ("tv_unhalved", 0.5),
        ("cosine", 1 - 0.5 / np.sqrt(0.5 * 0.625)),
        ("bhattacharyya", -np.log(np.sqrt(0.125) + np.sqrt(0.375))),
    ],
)
def test_distances_by_hand_whatever_the_targets_scale(distance, wanted):
    for scale in (1, 40):
        assert float(PDPLoss(distance)(EVEN * scale, LOGS)) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("distance", DISTANCES)
def test_equal_distributions_have_no_distance(distance):
    assert float(PDPLoss(distance)(np.exp(LOGS), LOGS)) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("distance", DISTANCES)
def test_zeros_of_the_target_and_an_empty_target_stay_finite(distance):
    logs = ops.log_softmax(ops.convert_to_tensor([[0.0, 50.0, -50.0]]), axis=-1)[..., None]
    logs = ops.reshape(logs, (1, 1, 3, 1))
    some = np.array([[[[1.0], [0.0], [0.0]]]], "float32")
    for target in (some, np.zeros_like(some)):
        assert np.isfinite(float(PDPLoss(distance)(target, logs)))
    assert float(PDPLoss(distance)(np.zeros_like(some), logs)) == 0


@pytest.mark.parametrize(("form", "wanted"), [("l1", 2.5), ("l2", 2.125), ("huber", 1.625)])
def test_regression_by_hand(form, wanted):
    output = np.array([2.0, 0.0], "float32").reshape(1, 1, 2, 1)
    target = np.array([0.0, 0.5], "float32").reshape(1, 1, 2, 1)
    assert float(RegressionLoss(form)(target, output)) == pytest.approx(wanted)


def test_a_config_makes_the_loss_again_and_other_words_are_refused():
    for loss in (PDPLoss("tv"), RegressionLoss("huber")):
        again = keras.losses.deserialize(keras.losses.serialize(loss))
        assert again.get_config() == loss.get_config()
    with pytest.raises(ValueError, match="bhattacharyya"):
        PDPLoss("euclid")
    with pytest.raises(ValueError, match="huber"):
        RegressionLoss("l3")
