import pytest

pytest.importorskip("keras")

from benchmark_kit.errors import ConfigError
from keras_saliency.training.freeze import freeze_layers, warn_of_random_trunk


def test_layers_are_frozen_by_patterns_of_their_names(small_ml_net):
    model = small_ml_net
    frozen = freeze_layers(model, ["conv1*", "conv_dw_[1-3]*"])
    assert "conv1_bn" in frozen
    assert "conv_dw_3" in frozen
    learning = {variable.path.split("/")[0] for variable in model.trainable_variables}
    assert not learning & set(frozen)
    assert {"conv_dw_4", "int_conv"} <= learning


def test_the_trunk_is_all_of_its_layers(small_ml_net):
    model = small_ml_net
    freeze_layers(model, ["trunk"])
    learning = {variable.path.split("/")[0] for variable in model.trainable_variables}
    assert learning == {"int_conv", "pre_final_conv", "prior"}


def test_no_pattern_freezes_nothing(small_ml_net):
    model = small_ml_net
    before = len(model.trainable_variables)
    assert freeze_layers(model, []) == ()
    assert len(model.trainable_variables) == before


def test_a_pattern_without_a_layer_names_some(small_ml_net):
    with pytest.raises(ConfigError, match=r"--freeze 'block9_\*' matches no layer.*conv1"):
        freeze_layers(small_ml_net, ["block9_*"])


def test_something_must_be_left_to_learn(small_ml_net):
    with pytest.raises(ConfigError, match="nothing left to learn"):
        freeze_layers(small_ml_net, ["*"])


def test_a_random_trunk_that_does_not_learn_is_told(small_ml_net):
    assert warn_of_random_trunk(small_ml_net) is None
    freeze_layers(small_ml_net, ["trunk"])
    assert "random weights and does not learn" in warn_of_random_trunk(small_ml_net)
    small_ml_net.trained_trunks = True
    assert warn_of_random_trunk(small_ml_net) is None
