"""ResNet-50 in Caffe's form: its counts, where biases and strides are, its pool, its statistics."""

import keras
import numpy as np
import pytest

from keras_saliency.backbones.adapters import encode
from keras_saliency.layers import FixedBatchNormalization


def test_counts_and_biases():
    found = encode("resnet50_caffe", keras.Input((64, 64, 3)))
    assert sum(layer.count_params() for layer in found.layers) == 23_561_216
    convolutions = [layer for layer in found.layers if layer.name.endswith("_conv")]
    assert [layer.name for layer in convolutions if layer.use_bias] == ["conv1_conv"]
    norms = [layer for layer in found.layers if layer.name.endswith("_bn")]
    assert len(norms) == 53
    assert all(isinstance(layer, FixedBatchNormalization) for layer in norms)
    fixed = sum(int(np.prod(w.shape)) for layer in norms for w in layer.non_trainable_weights)
    assert fixed == 53_120


def test_the_first_pool_rounds_up_without_padding():
    found = encode("resnet50_caffe", keras.Input((480, 50, 3)))
    assert found.taps["conv1_relu"].shape[1:3] == (240, 25)
    assert found.taps["pool1_pool"].shape[1:3] == (120, 12)
    assert [found.tap(s).shape[1] for s in (4, 8, 16, 32)] == [120, 60, 30, 15]


def test_strides_lie_in_the_first_1x1():
    found = encode("resnet50_caffe", keras.Input((64, 64, 3)))
    strides = {
        layer.name: layer.strides
        for layer in found.layers
        if layer.name.startswith("conv3_block1") and layer.name.endswith("conv")
    }
    assert [strides[f"conv3_block1_{k}_conv"][0] for k in range(4)] == [2, 2, 1, 1]


@pytest.mark.slow
def test_taps_of_a_dilated_trunk_equal_the_strided_ones_on_their_grid(filled):
    picture = keras.Input((64, 96, 3))
    x = np.random.default_rng(0).normal(size=(1, 64, 96, 3)).astype(np.float32)
    found = []
    for strides, dilations in (((1, 2, 2, 2), (1, 1, 1, 1)), ((1, 2, 1, 1), (1, 1, 2, 4))):
        trunk = encode("resnet50_caffe", picture, strides=strides, dilations=dilations)
        model = filled(keras.Model(picture, trunk.taps["conv5_block3_out"]))
        found.append(np.asarray(model(x)))
    assert found[1].shape[1:3] == (8, 12)
    np.testing.assert_allclose(
        found[1][:, ::4, ::4], found[0], rtol=1e-3, atol=1e-4 * found[0].max()
    )
