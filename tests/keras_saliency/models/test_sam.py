"""SAM: sizes, receptive field, parts, and the map's half pixel."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model


@pytest.fixture(scope="module")
def sam_vgg():
    return build_model("sam_vgg", input_shape=(192, 256))


def test_the_map_is_twice_the_input(sam_vgg):
    assert sam_vgg.output_shape == (None, 384, 512, 1)
    assert sam_vgg.get_layer("block5_conv3").output.shape[1:3] == (24, 32)


def test_parts(sam_vgg):
    assert sam_vgg.get_layer("attentive_convlstm").count_params() == 23_602_688
    assert [sam_vgg.get_layer(f"priors{k}").count_params() for k in (1, 2)] == [64, 64]
    assert [sam_vgg.get_layer(f"conv_priors{k}").count_params() for k in (1, 2)] == [6_758_912] * 2
    assert sam_vgg.get_layer("readout").count_params() == 513
    assert not np.any(sam_vgg.get_layer("attentive_convlstm").V_a), "attention starts uniform"


def test_the_original_places_its_first_two_pools_alike_under_both_alignments(sam_vgg):
    theano = build_model("sam_vgg", input_shape=(16, 16), alignment="theano", steps=1)
    for alignment, model in (("tf", sam_vgg), ("theano", theano)):
        pools = [model.get_layer(f"block{k}_pool") for k in (1, 2, 3, 4)]
        assert [pool.alignment for pool in pools] == ["valid", "valid", alignment, alignment]
        assert [pool.strides[0] for pool in pools] == [2, 2, 2, 1]


@pytest.mark.slow
def test_the_vgg_encoders_receptive_field(receptive_field):
    model = build_model("sam_vgg", input_shape=(16, 440))
    assert receptive_field(model, model.get_layer("block5_conv3").output, 8, 440) == 196


def test_a_bright_cell_peaks_half_a_pixel_before_its_middle(sam_vgg):
    cell = np.zeros((1, 12, 16, 1), np.float32)
    cell[0, 5, 9] = 1
    found = np.asarray(sam_vgg.get_layer("map")(cell))[0, ..., 0]
    assert np.unravel_index(found.argmax(), found.shape) == (16 * 5 + 7, 16 * 9 + 7)


def test_maps_are_smoothed_on_the_picture_and_end_at_255(sam_vgg):
    front = sam_vgg.front
    raw = np.zeros((32, 32), np.float32)
    raw[16, 16] = 1
    plan = front.geometry.plan((64, 64), (16, 16))
    found = front.finish(raw, plan)
    assert found.shape == (64, 64)
    assert found.max() == 255
    # half the peak lies 1.18 sigma away, plus what the enlarged pixel adds
    assert np.abs((found[33] > 127).sum() - 2 * 1.18 * 7) < 3
    assert not front.finish(np.zeros_like(raw), plan).any()


def test_a_size_that_does_not_halve():
    with pytest.raises(ConfigError, match=r"multiples of 8, 16 or more; got 20x30"):
        build_model("sam_vgg", input_shape=(20, 30))


def test_another_encoder_is_read_down_to_its_deepest_tap():
    model = build_model("sam_resnet", input_shape=(64, 96), encoder="mobilenet", features=16)
    assert model.output_shape == (None, 128, 192, 1)
    assert model.get_layer("levels").output.shape[1:] == (8, 12, 256 + 512 + 1024)
    kernels = {
        layer.name: layer.filters for layer in model.layers if layer.name.startswith("conv_priors")
    }
    assert kernels == {"conv_priors1": 16, "conv_priors2": 16}
    assert model.get_layer("attentive_convlstm").filters == 16


@pytest.mark.large
def test_the_resnet_form():
    model = build_model("sam_resnet", input_shape=(192, 256))
    assert model.output_shape == (None, 384, 512, 1)
    assert model.get_layer("conv5_block3_out").output.shape[1:] == (24, 32, 2048)
    assert model.get_layer("features").count_params() == 9_437_696
    dilations = {
        k: {
            layer.dilation_rate
            for layer in model.layers
            if layer.name.startswith(f"conv{k}_") and layer.name.endswith("_2_conv")
        }
        for k in (2, 3, 4, 5)
    }
    assert dilations == {2: {(1, 1)}, 3: {(1, 1)}, 4: {(2, 2)}, 5: {(4, 4)}}
