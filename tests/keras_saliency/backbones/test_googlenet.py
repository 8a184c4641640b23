"""GoogLeNet: counts, Caffe's sizes, the order of an inception module's branches."""

import keras
import numpy as np
import pytest

from keras_saliency.backbones.adapters import encode, get_backbone


@pytest.fixture(scope="module")
def trunk():
    picture = keras.Input((224, 224, 3))
    return picture, encode("googlenet", picture)


def test_counts(trunk):
    _, found = trunk
    assert sum(layer.count_params() for layer in found.layers) == 5_973_552
    assert len(found.layers) == 3 + 9 * 6


def test_sizes_of_the_papers_table(trunk):
    _, found = trunk
    wanted = {
        "conv1": (112, 112, 64),
        "pool1": (56, 56, 64),
        "conv2": (56, 56, 192),
        "pool2": (28, 28, 192),
        "inception_3a": (28, 28, 256),
        "inception_3b": (28, 28, 480),
        "pool3": (14, 14, 480),
        "inception_4a": (14, 14, 512),
        "inception_4e": (14, 14, 832),
        "pool4": (7, 7, 832),
        "inception_5b": (7, 7, 1024),
    }
    for name, shape in wanted.items():
        assert found.taps[name].shape[1:] == shape, name
    strides = get_backbone("googlenet").strides
    assert [224 // found.tap(s).shape[1] for s in strides] == list(strides)


def test_pools_round_up():
    found = encode("googlenet", keras.Input((90, 150, 3)))
    sizes = [found.taps[name].shape[1:3] for name in ("conv1", "pool1", "pool2", "pool3", "pool4")]
    assert sizes == [(45, 75), (22, 37), (11, 18), (5, 9), (2, 4)]


def test_branches_stand_in_the_order_1x1_3x3_5x5_pool(filled):
    picture = keras.Input((64, 64, 3))
    found = encode("googlenet", picture, prefix="g_")
    tap = found.taps["inception_3a"]
    ends = [f"g_inception_3a_{end}" for end in ("1x1", "3x3", "5x5", "pool_proj")]
    model = filled(keras.Model(picture, tap))
    parts = keras.Model(picture, [model.get_layer(end).output for end in ends])
    x = np.random.default_rng(0).normal(size=(1, 64, 64, 3)).astype(np.float32) * 50
    each = [np.asarray(part) for part in parts(x)]
    assert [part.shape[-1] for part in each] == [64, 128, 32, 32]
    np.testing.assert_allclose(np.asarray(model(x)), np.concatenate(each, axis=-1), rtol=1e-5)
    before = keras.Model(picture, found.taps["pool2"])(x)
    pooled = keras.Model(picture, model.get_layer("g_inception_3a_pool").output)(x)
    window = np.asarray(before)[0, 2:5, 3:6].max(axis=(0, 1))
    np.testing.assert_allclose(np.asarray(pooled)[0, 3, 4], window)
