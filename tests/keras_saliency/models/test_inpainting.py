"""Networks of inpainting errors: outputs, the transfer head, what is frozen."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model

RESNET, DEEPLAB, NASNET = (f"inpainting_{name}" for name in ("resnet101", "deeplab_v2", "nasnet"))
SLOW = [RESNET, DEEPLAB, pytest.param(NASNET, marks=pytest.mark.large)]


def trained(model):
    return sum(int(np.prod(w.shape)) for w in model.trainable_weights)


def test_a_second_size_of_the_resnet():
    model = build_model(RESNET, input_shape=(256, 320))
    assert model.output_shape == (None, 128, 160, 4)
    channels = [model.get_layer(f"up{k}_conv").kernel.shape[2:] for k in (1, 2, 3)]
    assert channels == [(2048, 1024), (1024, 512), (512, 256)]
    assert model.get_layer("scores").kernel.shape == (1, 1, 256, 4)


def test_a_second_size_of_deeplab():
    model = build_model(DEEPLAB, input_shape=(256, 320))
    assert model.output_shape == (None, 32, 40, 4)
    rates = [model.get_layer(f"aspp{rate}").dilation_rate for rate in (6, 12, 18, 24)]
    assert rates == [(6, 6), (12, 12), (18, 18), (24, 24)]
    kernel, bias = model.get_layer("aspp6").get_weights()
    assert kernel.shape == (3, 3, 2048, 21)
    np.testing.assert_allclose(kernel.std(), 0.01, rtol=0.02)
    assert not bias.any()


@pytest.mark.slow
def test_deeplabs_branches_summed():
    model = build_model(DEEPLAB, input_shape=(32, 32), aspp="sum4")
    assert (model.count_params(), model.output_shape[-1]) == (42_953_104, 4)


@pytest.mark.large
def test_nasnet_with_a_plain_head():
    model = build_model(NASNET, input_shape=(64, 64), head="plain")
    assert (model.count_params(), model.output_shape) == (84_932_950, (None, 64, 64, 4))


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_the_transfer_head_adds_five_weights(name):
    plain = build_model(name, input_shape=(32, 32))
    model = build_model(name, input_shape=(32, 32), transfer=True)
    assert model.count_params() - plain.count_params() == 5
    assert model.output_shape[-1] == 1
    assert not any(layer.trainable for layer in model.trunks[0].layers)


@pytest.mark.slow
def test_what_freeze_freezes():
    counts = {
        freeze: trained(build_model(RESNET, input_shape=(32, 32), transfer=True, freeze=freeze))
        for freeze in ("none", "backbone", "all_but_head", "bn")
    }
    every = 45_311_748 + 5
    normalised = 105_344 + 2 * (1024 + 512 + 256)  # scales and shifts of trunk and head
    # the trunk's total is 42,658,176, of which as many statistics as scales and shifts
    assert counts["none"] == every
    assert counts["backbone"] == every - (42_658_176 - 105_344)
    assert counts["all_but_head"] == 5
    assert counts["bn"] == every - normalised


@pytest.mark.slow
def test_a_direct_network_has_one_output():
    model = build_model(RESNET, input_shape=(32, 32), direct=True)
    assert model.output_shape == (None, 16, 16, 1)
    with pytest.warns(UserWarning, match="random weights"):
        assert model.predict_map(np.zeros((40, 50, 3), np.uint8)).shape == (40, 50)


def test_bad_options():
    with pytest.raises(ConfigError, match="freeze must be one of"):
        build_model(RESNET, input_shape=(32, 32), freeze="most")
    with pytest.raises(ConfigError, match="aspp must be"):
        build_model(DEEPLAB, aspp="sum")
    with pytest.raises(ConfigError, match="head must be"):
        build_model(NASNET, head="taps4")
    with pytest.raises(ConfigError, match=r"multiples of 32.*got 100x96"):
        build_model(RESNET, input_shape=(100, 96))


@pytest.mark.slow
def test_errors_are_enlarged_after_the_last_convolution_and_before_the_sigmoid(random_inputs):
    model = build_model(RESNET, input_shape=(64, 64))
    model.get_layer("scores").set_weights([np.zeros((1, 1, 256, 4)), np.arange(-1.0, 3)])
    found = np.asarray(model(random_inputs(model), training=False))
    wanted = 1 / (1 + np.exp(-np.arange(-1.0, 3)))
    np.testing.assert_allclose(found, np.broadcast_to(wanted, found.shape), rtol=1e-6)
