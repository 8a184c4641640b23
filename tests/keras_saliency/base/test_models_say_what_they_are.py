"""The words by which a model shows itself."""

import numpy as np
import pytest

from keras_saliency import build_model


def test_models_without_keras():
    assert repr(build_model("bms")) == "<bms: training-free, nothing to learn>"
    lite = build_model("saliency_lite", engine="onnx")
    assert repr(lite) == "<saliency_lite: probabilistic network, 4,381,053 parameters, trained>"


def test_an_estimator_says_whether_it_was_fitted(folder_set):
    model = build_model("centre_bias")
    if model.training_state == "untrained":
        model.fit(folder_set.truths())
        assert model.training_state == "trained"
    assert build_model("judd").training_state == "untrained"


def test_a_model_without_a_card_has_a_class():
    from keras_saliency.classical.bms import BMS

    assert repr(BMS()) == "<BMS>"


@pytest.mark.slow
def test_a_network_before_and_after_it_learned():
    model = build_model("ml_net", input_shape=(80, 80))
    assert repr(model).startswith("<ml_net: network, ")
    assert repr(model).endswith(" parameters, random weights>")
    model.random_weights = False
    assert repr(model).endswith(" parameters, trained>")
    assert np.prod(model.count_params()) > 0
