"""SalNet: Caffe's rounding, the transposed convolution, pictures of any size."""

import numpy as np
import pytest

from keras_saliency import build_model


@pytest.fixture(scope="module")
def salnet():
    return build_model("salnet")


def test_pools_round_up_so_that_the_output_is_a_multiple_of_4(salnet):
    # 240 -> 120 -> 60; 250 -> 125 -> 62
    assert salnet.compute_output_shape((1, 240, 320, 3)) == (1, 240, 320, 1)
    assert salnet.compute_output_shape((1, 250, 320, 3)) == (1, 248, 320, 1)


def test_the_computed_output_has_that_size(salnet):
    picture = np.zeros((1, 18, 24, 3), np.float32)
    # 18 -> 9 -> 4
    assert salnet(picture, training=False).shape == (1, 16, 24, 1)


def test_counts_by_layer(salnet):
    counts = [layer.count_params() for layer in salnet.layers if layer.weights]
    assert counts == [
        *(14_208, 614_656, 1_180_160, 6_554_112, 6_554_112),
        *(6_422_784, 3_965_056, 495_648, 5_409, 64),
    ]


@pytest.mark.slow
def test_the_receptive_field_at_stride_4(salnet, receptive_field):
    assert receptive_field(salnet, salnet.get_layer("conv9").output, 4, 440, height=8) == 213


def test_the_transposed_kernel_overlaps_twice_each_way(set_weights):
    model = set_weights(build_model("salnet"), {"conv9": (0, 1), "deconv1": 1})
    found = np.asarray(model(np.zeros((1, 16, 24, 3), np.float32), training=False))[0, ..., 0]
    wanted = np.full((16, 24), 4.0)
    wanted[:2] = wanted[-2:] = 2
    wanted[:, :2] /= 2
    wanted[:, -2:] /= 2
    np.testing.assert_array_equal(found, wanted)


def test_pictures_are_scaled_down_to_320_but_never_up(salnet):
    for size, wanted in (
        ((640, 480), (320, 240)),
        ((100, 60), (100, 60)),
        ((480, 640), (240, 320)),
    ):
        prepared, _ = salnet.preprocess(np.zeros((*size, 3), np.uint8))
        assert prepared.shape == (*wanted, 3)


def test_the_mean_is_taken_off_in_bgr_before_scaling(salnet):
    prepared, _ = salnet.preprocess(np.full((8, 8, 3), (255, 0, 110), np.uint8))
    wanted = [(110 - 100) * 2 / 255, (0 - 110) * 2 / 255, (255 - 118) * 2 / 255]
    np.testing.assert_allclose(prepared[4, 4], wanted, atol=1e-6)


def test_maps_come_from_the_trained_range_and_end_at_255(salnet):
    plan = salnet.front.geometry.plan((64, 64), (320, 320))
    raw = np.full((64, 64), -127 / 128, np.float32)
    assert not salnet.front.finish(raw, plan).any()
    raw[:, 32:] = 0
    found = salnet.front.finish(raw, plan)
    assert found.max() == 255
    assert found[32, 0] == 0
