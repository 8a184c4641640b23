"""DSCLRCN: its parts' counts, its grid, the scene's branch, the enlargement."""

import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model

COUNTS = {  # layers whose names begin so: parameters
    "scene_dense": 1_179_776,
    "conv4_g": 524_800 + 1,
    "conv5_d": 1_049_088 + 1,
    "local_norm": 1,
    "lstm1": 393_728 + 262_656,
    "lstm2": 2 * 262_656,
    "scores": 257,
}


@pytest.fixture(scope="module")
def dsclrcn():
    return build_model("dsclrcn")


def test_the_parts_have_the_released_counts(dsclrcn):
    for begin, count in COUNTS.items():
        layers = [layer for layer in dsclrcn.layers if layer.name.startswith(begin)]
        assert sum(layer.count_params() for layer in layers) == count, begin
    trunks = [sum(layer.count_params() for layer in trunk.layers) for trunk in dsclrcn.trunks]
    assert trunks == [23_561_216, 2_334_080]


def test_both_stages_lie_on_the_grid_of_stride_8_and_the_scene_ends_at_6x6(dsclrcn):
    sizes = {
        "local_pool1_pool": (120, 160),
        "local_conv4_block6_out": (60, 80),
        "local_conv5_block3_out": (60, 80),
        "scene_picture": (227, 227),
        "scene_pool5": (6, 6),
        "lstm2": (60, 80),
        "map": (480, 640),
    }
    for name, size in sizes.items():
        assert dsclrcn.get_layer(name).output.shape[1:3] == size, name
    rates = [dsclrcn.get_layer(f"local_conv{k}_block2_2_conv").dilation_rate for k in (3, 4, 5)]
    assert rates == [(1, 1), (2, 2), (4, 4)]


@pytest.mark.slow
def test_the_order_of_columns_changes_the_map():
    x = np.random.default_rng(0).normal(size=(1, 32, 48, 3)).astype(np.float32) * 50
    found = []
    for order in ("paper", "released"):
        keras.utils.set_random_seed(0)
        model = build_model("dsclrcn", input_shape=(32, 48), column_order=order)
        inner = keras.Model(model.input, model.get_layer("lstm1").output)
        down, up = np.split(np.asarray(inner(x)), 2, axis=-1)
        assert (down == up).all() == (order == "released")
        found.append(np.asarray(model(x)))
    assert np.abs(found[0] - found[1]).max() > 1e-6


def test_one_score_everywhere_fades_at_the_border_only(set_weights):
    model = set_weights(build_model("dsclrcn", input_shape=(32, 48)), {"scores": (0.0, 2.0)})
    found = np.asarray(model(np.zeros((1, 32, 48, 3), np.float32)))[0, ..., 0]
    whole = 1 / (1 + np.exp(-2.0))
    np.testing.assert_allclose(found[4:-4, 4:-4], whole, rtol=1e-6)
    # half a cell away from the border's cell, whose neighbour counts as zero
    np.testing.assert_allclose(found[0, 20], whole * 9 / 16, rtol=1e-6)


def test_the_scene_alone_reaches_the_map():
    keras.utils.set_random_seed(0)
    model = build_model("dsclrcn", input_shape=(32, 48))
    for name in ("conv4_g", "conv5_d"):
        model.get_layer(name).set_weights([w * 0 for w in model.get_layer(name).get_weights()])
    rng = np.random.default_rng(0)
    first, second = (model(rng.normal(size=(1, 32, 48, 3)) * 50, training=False) for _ in "ab")
    assert np.abs(np.asarray(first) - np.asarray(second)).max() > 1e-6


def test_sides_are_multiples_of_eight():
    with pytest.raises(ConfigError, match="multiples of 8"):
        build_model("dsclrcn", input_shape=(100, 160))
