"""DenseSal and DPNSal: two scales through one trunk, the readout, ways to enlarge."""

import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model


@pytest.fixture(scope="module")
def densesal():
    return build_model("densesal", input_shape=(64, 96))


@pytest.mark.slow
def test_a_second_size():
    model = build_model("densesal")
    for size, cells in (((480, 640), (29, 39)), ((320, 320), (19, 19))):
        found = model(np.zeros((1, *size, 3), np.float32), training=False)
        assert found.shape == (1, *cells, 1)


def test_pictures_are_only_ever_scaled_down(densesal):
    geometry = densesal.front.geometry
    assert geometry.plan((1200, 1600), (480, 640)).frame == (480, 640)
    assert geometry.plan((1600, 1200), (480, 640)).frame == (640, 480)
    assert geometry.plan((300, 200), (480, 640)).frame == (300, 200)
    assert geometry.plan((20, 200), (480, 640)).frame == (64, 200)


def test_both_scales_go_through_the_same_trunk(densesal):
    trunk = densesal.get_layer("features")
    assert len(trunk._inbound_nodes) == 2
    assert densesal.count_params() - trunk.count_params() == 4_417
    assert densesal.get_layer("scales").output.shape[-1] == 4416
    # stride 16, one cell lost to the pool of stride 1
    assert densesal(np.zeros((1, 64, 96, 3), np.float32), training=False).shape == (1, 3, 5, 1)


def test_a_readout_of_bias_1_gives_1(densesal, random_inputs):
    before = densesal.get_layer("readout").get_weights()
    densesal.get_layer("readout").set_weights([np.zeros_like(before[0]), np.ones(1)])
    np.testing.assert_array_equal(densesal(random_inputs(densesal), training=False), 1)
    densesal.get_layer("readout").set_weights(before)


def test_no_map_is_below_0(densesal, random_inputs):
    pictures = random_inputs(densesal, batch=2)
    densesal.get_layer("readout").bias.assign([-5.0])
    found = np.asarray(densesal(pictures, training=False))
    np.testing.assert_array_equal(found.min(axis=(1, 2, 3)), 0)
    assert np.ptp(found) > 0


def test_the_trunk_ends_with_its_normalisation_unless_asked():
    plain = build_model("densesal", input_shape=(64, 64)).get_layer("features")
    assert plain.layers[-1].name == "bn"


@pytest.mark.slow
def test_a_final_relu_by_option():
    model = build_model("densesal", input_shape=(64, 64), final_relu=True)
    assert model.get_layer("features").layers[-1].name == "relu"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("upsampling", "sides"),
    [
        ("nearest2", (6, 6)),
        ("bilinear4", (12, 12)),
        ("deconvolution", (10, 10)),  # 3 -> 4 -> 6 -> 10: 2n - 2 each time
        ("shuffle", (24, 24)),
    ],
)
def test_ways_to_enlarge(upsampling, sides):
    model = build_model("densesal", input_shape=(64, 64), upsampling=upsampling)
    found = model(np.zeros((1, 64, 64, 3), np.float32), training=False)
    assert found.shape[1:3] == sides


def test_an_unknown_way_to_enlarge():
    with pytest.raises(ConfigError, match=r"upsampling.*'bicubic'"):
        build_model("densesal", input_shape=(64, 64), upsampling="bicubic")


def test_colours(densesal):
    prepared, _ = densesal.preprocess(np.full((64, 96, 3), (255, 0, 103.53), np.float32))
    wanted = [(255 - 123.675) / 255, -116.28 / 255, (104 - 103.53) / 255]
    np.testing.assert_allclose(prepared[9, 9], wanted, atol=1e-6)


@pytest.mark.large
def test_dpnsal():
    model = build_model("dpnsal", input_shape=(320, 320))
    trunk = model.get_layer("features")
    assert model.count_params() - trunk.count_params() == 5_377
    assert len(trunk._inbound_nodes) == 2
    model.get_layer("readout").set_weights([np.zeros((1, 1, 5376, 1)), np.ones(1)])
    found = keras.ops.convert_to_numpy(model(np.zeros((1, 320, 320, 3), np.float32)))
    assert found.shape == (1, 20, 20, 1)
    np.testing.assert_array_equal(found, 1)


@pytest.mark.slow
def test_a_learned_centre_bias_by_option(densesal):
    model = build_model("densesal", input_shape=(64, 64), centre_bias=True)
    assert model.count_params() == densesal.count_params() + 400
    assert model.get_layer("map").size == (20, 20)
