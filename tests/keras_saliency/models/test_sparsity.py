import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.models._sparsity import RelativeL1
from keras_saliency.models.deepgaze1 import deepgaze1


def test_the_term_is_the_same_for_every_size_and_least_for_one_weight_alone():
    term = RelativeL1(0.1)
    weights = np.array([3.0, 4.0], np.float32)
    assert float(term(weights)) == pytest.approx(0.1 * 7 / 5)
    assert float(term(10 * weights)) == pytest.approx(0.1 * 7 / 5)
    assert float(term(np.array([0.0, -2.0], np.float32))) == pytest.approx(0.1)
    assert float(term(np.zeros(2, np.float32))) == 0
    assert RelativeL1.from_config(term.get_config()).factor == term.factor


def test_the_papers_recipe_reads_all_five_convolutions_and_pays_for_weights():
    model = build_model("deepgaze1", input_shape=(64, 64), recipe="paper")
    readout = model.get_layer("readout")
    assert readout.kernel.shape == (1, 1, 96 + 256 + 384 + 384 + 256, 1)
    wanted = float(RelativeL1(0.001)(readout.kernel))
    assert float(keras.ops.sum(model.losses)) == pytest.approx(wanted)
    assert not build_model("deepgaze1", input_shape=(64, 64)).losses


def test_unknown_features_are_told():
    with pytest.raises(ConfigError, match="deepest, all, got 'some'"):
        deepgaze1(features="some")
