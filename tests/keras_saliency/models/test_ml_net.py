"""ML-Net: sizes, receptive fields, the prior, Theano's conventions, the report's variants."""

import keras
import numpy as np
import pytest
from scipy.ndimage import maximum_filter
from scipy.signal import convolve2d

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.backbones import vgg


def test_the_prior_is_a_tenth_of_the_map():
    model = build_model("ml_net", input_shape=(320, 400))
    assert model.output_shape == (None, 40, 50, 1)
    assert model.get_layer("prior").prior.shape == (4, 5)


def test_other_sizes_stretch_the_prior():
    model = build_model("ml_net", input_shape=(88, 176))
    assert model.output_shape == (None, 11, 22, 1)
    assert model.get_layer("prior").prior.shape == (1, 2)
    with pytest.raises(ConfigError, match=r"multiples of 8.*got 90x160.*input_shape=\(88, 160\)"):
        build_model("ml_net", input_shape=(90, 160))


@pytest.mark.slow
def test_receptive_fields_at_stride_8(receptive_field):
    model = build_model("ml_net", input_shape=(80, 400))
    fields = [
        receptive_field(model, model.get_layer(name).output, 8, 400, height=80)
        for name in ("block5_conv3", "int_conv")
    ]
    assert fields == [148, 164]


def test_a_prior_of_a_tenth_costs_a_hundredth_and_scales_by_a_tenth():
    model = build_model("ml_net", input_shape=(80, 160))
    picture = np.random.default_rng(0).normal(0, 50, (1, 80, 160, 3)).astype(np.float32)
    model.get_layer("pre_final_conv").bias.assign([1.0])
    plain = np.asarray(model(picture, training=False))
    assert plain.max() > 0
    model.get_layer("prior").prior.assign(np.full((1, 2), 0.1))
    np.testing.assert_allclose(float(sum(model.losses)), 0.01, rtol=1e-6)
    np.testing.assert_allclose(model(picture, training=False), 1.1 * plain, rtol=1e-6)


def theano_convolution(x, kernel, bias):
    """Theano's: the kernel (rows, columns, in, out) is flipped."""
    planes = [
        sum(convolve2d(x[..., i], kernel[:, :, i, o], "same") for i in range(x.shape[-1]))
        for o in range(kernel.shape[-1])
    ]
    return np.maximum(np.stack(planes, -1) + bias, 0)


def theano_pool(x, stride):
    """Window i of 2 looks at stride i - 1 and stride i."""
    best = maximum_filter(x, (2, 2, 1), mode="constant", cval=-np.inf)
    return best[::stride, ::stride]


def theano_upsampling(prior, factor):
    """Separable: output o looks at (o - floor((factor - 1)/2)) / factor, clamped."""
    for axis in (0, 1):
        n = prior.shape[axis]
        at = (np.arange(n * factor) - (factor - 1) // 2) / factor
        prior = np.apply_along_axis(
            lambda line, at=at, n=n: np.interp(at, range(n), line), axis, prior
        )
    return prior


@pytest.fixture
def narrow(monkeypatch):
    """The network with two channels in every block, with random weights."""
    monkeypatch.setattr(vgg, "FILTERS", (2,) * 5)

    def build(alignment):
        model = build_model("ml_net", input_shape=(80, 160), alignment=alignment)
        rng = np.random.default_rng(3)
        model.set_weights([rng.normal(0, 0.4, w.shape) for w in model.get_weights()])
        model.get_layer("pre_final_conv").bias.assign([1.0])
        return model

    return build


def as_theano_computes(model, picture, flipped=True):
    turn = (slice(None, None, -1),) * 2 if flipped else (slice(None),) * 2

    def convolve(x, name):
        kernel, bias = model.get_layer(name).get_weights()
        return theano_convolution(x, kernel[turn], bias)

    x, taps = picture, []
    for block, depth in enumerate((2, 2, 3, 3, 3), start=1):
        for k in range(1, depth + 1):
            x = convolve(x, f"block{block}_conv{k}")
        if block < 5:
            x = theano_pool(x, 1 if block == 4 else 2)
        if block > 2:
            taps.append(x)
    x = convolve(convolve(np.concatenate(taps, -1), "int_conv"), "pre_final_conv")
    prior = model.get_layer("prior").get_weights()[0]
    return np.maximum(x[..., 0] * theano_upsampling(1 + prior, 10), 0)


def test_a_theano_computation_agrees_and_needs_both_the_flip_and_the_pools_shift(narrow):
    picture = np.random.default_rng(4).normal(0, 1, (80, 160, 3))
    model = narrow("theano")
    ours = np.asarray(model(picture[None].astype(np.float32), training=False))[0, ..., 0]
    wanted = as_theano_computes(model, picture)
    scale = wanted.max()
    assert scale > 0.1
    np.testing.assert_allclose(ours, wanted, atol=1e-5 * scale)
    assert np.abs(ours - as_theano_computes(model, picture, flipped=False)).max() > 0.01 * scale
    plain = np.asarray(narrow("tf")(picture[None].astype(np.float32), training=False))[0, ..., 0]
    assert np.abs(plain - wanted).max() > 0.01 * scale


def test_pictures_are_padded_with_black_before_the_mean():
    prepared, _ = build_model("ml_net", input_shape=(80, 160)).preprocess(
        np.full((50, 50, 3), (255, 0, 0), np.uint8)
    )
    np.testing.assert_allclose(prepared[40, 0], [-103.939, -116.779, -123.68], rtol=1e-6)
    np.testing.assert_allclose(prepared[40, 80], [-103.939, -116.779, 255 - 123.68], rtol=1e-6)


def test_maps_are_whole_numbers_up_to_255():
    model = build_model("ml_net", input_shape=(80, 160))
    model.get_layer("pre_final_conv").bias.assign([0.5])
    picture = np.random.default_rng(0).integers(0, 256, (60, 90, 3)).astype(np.uint8)
    with pytest.warns(UserWarning, match="random weights"):
        found = model.predict_map(picture)
    assert found.max() == 255
    np.testing.assert_array_equal(found, np.trunc(found))


@pytest.mark.parametrize(
    ("freeze", "with_prior", "without"),
    [
        ("notebook", 5_457_025, 3_097_729),
        ("torch_features", 7_816_845, 7_816_833),
        ("keras_layers", 737_421, 737_409),
        ("none", 15_452_109, 15_452_097),
    ],
)
def test_four_readings_of_23_frozen_layers(freeze, with_prior, without):
    for name, wanted in (("ml_net_report", with_prior), ("ml_net_report_no_prior", without)):
        if name.endswith("no_prior"):
            from keras_saliency.models.ml_net import ml_net_report_no_prior

            model = ml_net_report_no_prior(freeze=freeze)
        else:
            model = build_model(name, freeze=freeze)
        assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == wanted, name


def test_the_notebooks_prior_never_trains():
    assert build_model("ml_net_report").get_layer("prior").trainable
    assert not build_model("ml_net_report", freeze="notebook").get_layer("prior").trainable
    with pytest.raises(ConfigError, match="freeze must be one of"):
        build_model("ml_net_report", freeze="all")


def test_a_prior_of_ones_changes_nothing_and_one_of_twos_doubles():
    with_prior = build_model("ml_net_report", input_shape=(80, 160))
    without = build_model("ml_net_report_no_prior", input_shape=(80, 160))
    by_name = {layer.name: layer for layer in with_prior.layers}
    for layer in without.layers:
        layer.set_weights(by_name[layer.name].get_weights())
    for model in (with_prior, without):
        model.get_layer("pre_final_conv").bias.assign([0.5])
    picture = np.random.default_rng(0).normal(0, 1, (1, 80, 160, 3)).astype(np.float32)
    plain = np.asarray(without(picture, training=False))
    assert plain.max() > 0
    np.testing.assert_array_equal(with_prior(picture, training=False), plain)
    with_prior.get_layer("prior").prior.assign(np.full((1, 2), 2.0))
    np.testing.assert_array_equal(with_prior(picture, training=False), 2 * plain)


def test_the_reports_head_has_no_relu_and_drops_whole_channels():
    model = build_model("ml_net_report", input_shape=(80, 80), freeze="none")
    assert model.get_layer("int_conv").activation is keras.activations.linear
    assert isinstance(model.get_layer("dropout"), keras.layers.SpatialDropout2D)
    pool = model.get_layer("block4_pool")
    assert (pool.pool_size, pool.strides) == ((5, 5), (1, 1))
    model.get_layer("prior").prior.assign([[0.5]])
    np.testing.assert_allclose(float(sum(model.losses)), 0.25)  # weight 1, not 1 / cells


def test_another_encoder_gives_its_three_levels():
    model = build_model("ml_net", input_shape=(96, 160), encoder="mobilenet")
    assert model.output_shape == (None, 12, 20, 1)
    assert model.get_layer("levels").output.shape[-1] == 256 + 512 + 1024
    assert model.front.colours == model.trunks[0].backbone.colours
