"""SalGAN: generator and discriminator."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.models.salgan import discriminator


@pytest.fixture(scope="module")
def generator():
    return build_model("salgan", input_shape=(96, 128))


def test_the_map_has_the_inputs_size_and_three_blocks_are_frozen(generator):
    assert generator.output_shape == (None, 96, 128, 1)
    frozen = {layer.name[:6] for layer in generator.layers if not layer.trainable}
    assert frozen == {"block1", "block2", "block3"}


@pytest.mark.slow
def test_receptive_fields_at_stride_16(receptive_field):
    model = build_model("salgan", input_shape=(16, 640))
    fields = [
        receptive_field(model, model.get_layer(name).output, 16, 640)
        for name in ("block5_conv3", "decoder1_conv3")
    ]
    assert fields == [196, 292]


def test_an_empty_decoder_says_one_half_everywhere(generator, set_weights):
    set_weights(generator, {})
    picture = np.random.default_rng(0).normal(0, 50, (1, 96, 128, 3)).astype(np.float32)
    found = np.asarray(generator(picture, training=False))
    np.testing.assert_array_equal(found, 0.5)
    np.testing.assert_allclose(-np.log(found).mean(), 0.6931472, rtol=1e-6)


def test_enlarging_repeats_so_that_a_decoder_of_centre_taps_makes_blocks(random_inputs):
    model = build_model("salgan", input_shape=(48, 64))
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if layer.name.startswith("decoder"):
            kernel = np.zeros(layer.kernel.shape, np.float32)
            kernel[1, 1] = rng.normal(0, 0.1, kernel.shape[2:])
            layer.set_weights([kernel, np.zeros(layer.bias.shape)])
    found = np.asarray(model(random_inputs(model) * 100, training=False))[0, ..., 0]
    blocks = found.reshape(3, 16, 4, 16).transpose(0, 2, 1, 3).reshape(12, 256)
    np.testing.assert_allclose(blocks, np.repeat(blocks[:, :1], 256, axis=1), rtol=1e-6)
    assert np.ptp(blocks[:, 0]) > 1e-6


@pytest.mark.parametrize(("form", "parameters"), [("code", 1_359_296), ("paper", 5_045_696)])
def test_the_discriminators_forms(form, parameters):
    model = discriminator(form=form)
    assert (model.count_params(), model.output_shape) == (parameters, (None, 1))
    pools = [model.get_layer(f"pool{k}").pool_size[0] for k in (1, 2, 3)]
    assert pools == ([4, 2, 2] if form == "code" else [2, 2, 2])
    with pytest.raises(ConfigError, match="'code' or 'paper'"):
        discriminator(form="thesis")


def test_the_discriminators_last_convolutions_do_not_learn_their_scale():
    model = discriminator((16, 16))
    x = np.random.default_rng(0).random((2, 16, 16, 4)).astype(np.float32)
    before = np.asarray(model(x))
    layer = model.get_layer("conv3_1")
    layer.kernel.assign(layer.kernel * 7)
    np.testing.assert_allclose(model(x), before, atol=1e-4)
    plain = model.get_layer("conv2_1")
    plain.kernel.assign(plain.kernel * 7)
    assert np.abs(np.asarray(model(x)) - before).max() > 1e-4


def test_a_discriminator_without_dense_weights_is_undecided():
    model = discriminator((16, 16))
    for name in ("fc4", "fc5", "probability"):
        layer = model.get_layer(name)
        layer.set_weights([np.zeros(w.shape) for w in layer.get_weights()])
    x = np.random.default_rng(0).random((2, 16, 16, 4)).astype(np.float32)
    np.testing.assert_array_equal(model(x), 0.5)


def test_maps_lie_in_0_to_255(generator, set_weights):
    set_weights(generator, {})
    picture = np.random.default_rng(0).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    with pytest.warns(UserWarning, match="random weights"):
        found = generator.predict_map(picture)
    np.testing.assert_allclose(found, 127, atol=1e-3)  # one half, cut to 8 bits
