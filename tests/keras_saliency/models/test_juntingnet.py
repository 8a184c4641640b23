"""JuntingNet: shapes, the order of its map, neighbours in the maxout."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model


@pytest.mark.parametrize("name", ["juntingnet", "juntingnet_paper"])
def test_another_size_is_refused_with_the_reason(name):
    with pytest.raises(ConfigError, match=f"{name} takes 96x96 only, got 96x128: its dense layers"):
        build_model(name, input_shape=(96, 128))


def test_layers(set_weights):
    model = build_model("juntingnet")
    assert [model.get_layer(f"pool{k}").output.shape[1] for k in (1, 2, 3)] == [46, 22, 10]
    counts = [layer.count_params() for layer in model.layers if layer.weights]
    assert counts == [2_432, 18_496, 36_928, 29_495_808, 5_310_720]
    # the output's bias is the map, row by row
    bias = np.arange(2304.0)
    set_weights(model, {"output": (0.0, bias)})
    picture = np.zeros((1, 96, 96, 3), np.float32)
    np.testing.assert_array_equal(np.asarray(model(picture))[0, ..., 0], bias.reshape(48, 48))


def test_maxout_takes_the_larger_of_two_neighbours(set_weights):
    model = set_weights(build_model("juntingnet_paper"), {"hidden4": (0.0, np.arange(4608.0))})
    found = np.asarray(model(np.zeros((1, 96, 96, 3), np.float32)))
    np.testing.assert_array_equal(found.reshape(-1), np.arange(1, 4608, 2))


def test_pictures_are_squeezed_and_lie_in_0_to_1():
    model = build_model("juntingnet")
    prepared, plan = model.preprocess(np.full((40, 90, 3), 255, np.uint8))
    assert prepared.shape == (96, 96, 3)
    np.testing.assert_allclose(prepared, 1, rtol=1e-6)
    raw = np.zeros((48, 48), np.float32)
    raw[10, 30] = 1
    found = model.front.finish(raw, plan)
    assert (found.min(), found.max()) == (0, 1)
    at = np.unravel_index(found.argmax(), found.shape)
    assert abs(at[0] - (10.5 * 40 / 48 - 0.5)) <= 1
    assert abs(at[1] - (30.5 * 90 / 48 - 0.5)) <= 1


def test_an_unknown_label_range():
    with pytest.raises(ConfigError, match="label_range"):
        build_model("juntingnet", label_range="percent")


def test_the_papers_start_and_norm_limit():
    model = build_model("juntingnet_paper", start="paper", max_norm=0.5, label_range="unit")
    assert model.label_range == "unit"
    for name in ("conv2", "conv3", "hidden4"):
        kernel, bias = model.get_layer(name).get_weights()
        assert kernel.std() == pytest.approx(0.01, rel=0.05)
        np.testing.assert_array_equal(bias, np.float32(0.1))
    model.compile("sgd", "mse")
    pictures = np.random.default_rng(0).random((2, 96, 96, 3), dtype=np.float32)
    model.train_on_batch(pictures, np.ones((2, 48, 48, 1), np.float32))
    norms = np.linalg.norm(model.get_layer("hidden4").get_weights()[0], axis=0)
    assert norms.max() <= 0.5 + 1e-5
    with pytest.raises(ConfigError, match="'code', 'paper'"):
        build_model("juntingnet_paper", start="glorot")
