"""DeepGaze's blocks, readouts and mixtures, its centre bias and its loss, against the originals.

The folder is `DEEP_GOLDENS` if set, else the shared one, else the small one beside these tests. No
size is written here: another folder of the same keys is run through the same tests.
"""

import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

import keras
from keras import ops

from keras_saliency.backbones.weights import assign
from keras_saliency.base.centre_bias import CentreBias
from keras_saliency.convert import deepgaze
from keras_saliency.convert._original import take
from keras_saliency.layers import (
    DensityMixture,
    GaussianBlur2D,
    IntensityContrast,
    MapNormalization,
    ScanpathEncoding,
    ScanpathFeatures,
    Subsample,
)
from keras_saliency.losses import LogLikelihood, PDPLoss, RegressionLoss
from keras_saliency.models._deepgaze_head import fixation_selection, saliency_network
from keras_saliency.models._density import finalise
from keras_saliency.models.deepgaze1 import linear_readout
from keras_saliency.models.deepgaze2 import pointwise_readout
from keras_saliency.models.deepgaze2e import spatial_mixture
from keras_saliency.models.deepgaze3 import scanpath_mixture
from keras_saliency.ops.resize import resize

SHARED = Path(__file__).resolve().parents[3] / "shared" / "golden" / "deep"
SMALL = Path(__file__).resolve().parents[1] / "golden" / "deep"
FOLDER = Path(os.environ.get("DEEP_GOLDENS", SHARED if SHARED.is_dir() else SMALL))


def load(name):
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


TORCH = load("deepgaze_pytorch_modules")
ICF = load("icf_readout")
BIAS = load("centre_bias")


def last(array):
    """Torch's channels first as channels last."""
    return np.ascontiguousarray(np.moveaxis(array, 1, -1))


def array(tensor):
    return np.asarray(ops.convert_to_numpy(tensor))


def close(found, wanted, tolerance):
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= tolerance * np.abs(wanted).max()


def under(prefix):
    return {k.removeprefix(prefix): v for k, v in TORCH.items() if k.startswith(prefix)}


def taps(name):
    return [last(v) for k, v in sorted(under(f"{name}/").items()) if k.startswith("tap")]


def density(found, wanted):
    """A log density: relative and absolute difference, and that it sums to one."""
    close(found, wanted, 1e-4)
    assert np.abs(found - wanted).max() < 2e-4
    sums = np.log(np.exp(found.astype(np.float64)).sum(axis=tuple(range(1, found.ndim))))
    assert np.abs(sums).max() < 1e-5


def filled(inputs, output, plan, parameters):
    """A model with the original's parameters, none of them left over."""
    model = keras.Model(inputs, output)
    original = take(parameters, plan)
    assert original.left == ()
    assign(
        {layer.name: layer for layer in model.layers if layer.weights}, original.layers, Path("g")
    )
    return model


@pytest.mark.parametrize("name", ["layernorm", "layernorm1ch", "layernorm_const"])
def test_normalisation_of_a_whole_stack(name):
    found = under(f"{name}/")
    layer = MapNormalization()
    layer.build(last(found["x"]).shape)
    if "weight" in found:
        layer.set_weights([found["weight"], found["bias"]])
    close(array(layer(last(found["x"]))), last(found["y"]), 1e-4)


def test_several_inputs_are_normalised_each_alone():
    found = under("layernorm_multi/")
    for k in (0, 1):
        layer = MapNormalization()
        layer.build(last(found[f"x{k}"]).shape)
        layer.set_weights([found[f"p/layernorm_part{k}.{p}"] for p in ("weight", "bias")])
        close(array(layer(last(found[f"x{k}"]))), last(found[f"y{k}"]), 1e-4)


def test_a_convolution_for_each_input_is_one_of_all_inputs():
    both, one = under("conv_multi/"), under("conv_multi_skip/")
    kernels = [both[f"p/conv_part{k}.weight"] for k in (0, 1)]
    joined = np.concatenate([last(both["x0"]), last(both["x1"])], axis=-1)
    kernel, bias = deepgaze._several(*kernels, np.zeros(len(kernels[0]), np.float32))
    found = array(ops.conv(joined, kernel, data_format="channels_last")) + bias
    close(found, last(both["y"]), 1e-4)
    kernel, bias = deepgaze._several(one["p/conv_part0.weight"], one["p/conv_part0.bias"])
    found = array(ops.conv(last(one["x0"]), kernel, data_format="channels_last")) + bias
    close(found, last(one["y"]), 1e-4)


def test_a_bias_is_a_number_a_channel():
    found = under("bias/")
    close(last(found["x"]) + found["p/bias"], last(found["y"]), 1e-4)


BLURS = [k.removeprefix("gauss/y_") for k in TORCH if k.startswith("gauss/y_")]


@pytest.mark.parametrize("name", BLURS)
def test_the_blur_with_a_learned_width(name):
    sigma, truncate = (float(part) for part in name.removeprefix("sigma").split("_truncate"))
    layer = GaussianBlur2D(
        sigma, truncate, "nearest", radius="ceil", learned=True, sigma_max=2 * sigma
    )
    close(array(layer(last(TORCH["gauss/x"]))), last(TORCH[f"gauss/y_{name}"]), 1e-4)


def test_the_gradient_of_the_width():
    (name,) = (k for k in TORCH if k.startswith("gauss/dsigma_"))
    sigma, truncate = (float(p) for p in name.removeprefix("gauss/dsigma_").split("_truncate"))
    x, weights = last(TORCH["gauss/x"]), last(TORCH["gauss/loss_weights"])

    def loss(width):
        layer = GaussianBlur2D(
            width, truncate, "nearest", radius="ceil", learned=True, sigma_max=10.0
        )
        return float(np.sum(array(layer(x)).astype(np.float64) * weights))

    # the number of taps is the same on both sides, as ceil(3 sigma) does not change here
    step = 2e-3
    found = (loss(sigma + step) - loss(sigma - step)) / (2 * step)
    assert found == pytest.approx(float(TORCH[name]), rel=2e-2)


SIZES = [k.removeprefix("nearest/") for k in TORCH if k.startswith("nearest/s")]


@pytest.mark.parametrize("name", SIZES)
def test_nearest_picks_torchs_pixels(name):
    x, wanted = last(TORCH["nearest/x"]), last(TORCH[f"nearest/{name}"])
    if name.startswith("scale_1over"):
        found = Subsample(float(name.removeprefix("scale_1over")))(x)
    else:
        found = resize(x, tuple(map(int, name.removeprefix("size_").split("x"))), "nearest")
    np.testing.assert_array_equal(array(found), wanted)


SETTINGS = [k.split("/")[1] for k in TORCH if k.startswith("finalizer/") and k.endswith("/y")]


@pytest.mark.parametrize("name", SETTINGS)
def test_the_finaliser(name):
    factor, sigma, weight = (
        float(part.strip("abcdefghijklmnopqrstuvwxyz")) for part in name.split("_")
    )
    readout = last(TORCH[f"finalizer/{name}/readout"])
    bias = TORCH["finalizer/centerbias"][..., None]
    inputs = [keras.Input(readout.shape[1:]), keras.Input(bias.shape[1:])]
    model = keras.Model(inputs, finalise(*inputs, factor))
    model.get_layer("blur").set_weights([np.float32(sigma)])
    model.get_layer("with_bias").set_weights([np.float32(weight)])
    density(array(model([readout, bias]))[..., 0], TORCH[f"finalizer/{name}/y"])


def history_of(found):
    return np.stack([found["x_hist"], found["y_hist"]], axis=-1)


def test_distances_from_earlier_fixations():
    found = under("scanpath/")
    (name,) = (k for k in found if k.startswith("features_"))
    wanted = last(found[name])
    picture = np.zeros((*wanted.shape[:3], 3), np.float32)
    got = array(ScanpathFeatures()([history_of(found), picture, picture]))
    exists = np.isfinite(wanted)
    assert np.isfinite(got).all()
    assert (got[~exists] == 0).all()
    np.testing.assert_allclose(got[exists], wanted[exists], rtol=1e-5, atol=1e-5)
    parts = [f"p/convolutions.{i}.{part}" for part in ("weight", "bias") for i in range(4)]
    weights = deepgaze._encoding(*(found[part] for part in parts))
    layer = ScanpathEncoding(weights[1].shape[1])
    layer.build([got.shape, history_of(found).shape])
    layer.set_weights(weights)
    close(array(layer([got, history_of(found)])), last(found["encoding"]), 1e-4)


def test_the_saliency_network():
    found = under("saliency_network/")
    x = keras.Input(last(found["x"]).shape[1:])
    plan = {}
    deepgaze._saliency(lambda layer, how, *names: plan.update({layer: (names, how)}), "p/")
    parameters = {k: v for k, v in found.items() if k.startswith("p/")}
    model = filled(x, saliency_network(x, ""), plan, parameters)
    close(array(model(last(found["x"]))), last(found["y"]), 1e-4)


@pytest.mark.parametrize("name", ["fixsel2e", "fixsel3"])
def test_the_fixation_selection_network(name):
    found = under(f"{name}/")
    scanpath = "p/layernorm0.layernorm_part1.weight" in found
    given = [last(v) for k, v in sorted(found.items()) if k.startswith("x")]
    inputs = [keras.Input(x.shape[1:]) for x in given]
    plan = {}
    deepgaze._selection(
        lambda layer, how, *names: plan.update({layer: (names, how)}), "p/", scanpath
    )
    parameters = {k: v for k, v in found.items() if k.startswith("p/")}
    output = fixation_selection(inputs[0], inputs[1] if scanpath else None, "")
    model = filled(inputs, output, plan, parameters)
    close(array(model(given)), last(found["y"]), 1e-4)


def small_picture(height, width, factor=2):
    return np.zeros((1, int(height // factor), int(width // factor), 3), np.float32)


def spatial_model(given, bias, parameters):
    small = small_picture(*bias.shape[1:3])
    inputs = [keras.Input(x.shape[1:]) for x in (*given, small, bias)]
    count = len({k.split(".")[1] for k in parameters if k.startswith("finalizers")})
    output = spatial_mixture(inputs[: len(given)], inputs[-2], inputs[-1], count)
    return filled(inputs, output, deepgaze.plan(count, scanpath=False), parameters), small


def test_a_mixture_of_deepgaze_2e_and_the_mixture_of_two_trunks():
    given, bias = taps("deepgaze2e_mixture"), TORCH["finalizer/centerbias"][..., None]
    wanted = last(TORCH["deepgaze2e_mixture/y"])
    found = []
    for tapped, key in ((given, "mixture/p/"), (given[:2], "ensemble/p_second/")):
        model, small = spatial_model(tapped, bias, under(f"deepgaze2e_{key}"))
        batch = np.repeat(small, len(bias), axis=0)
        found.append(array(model([*tapped, batch, bias])))
    density(found[0], wanted)
    density(array(DensityMixture()(found)), last(TORCH["deepgaze2e_ensemble/y"]))


def test_the_picture_that_the_trunk_sees():
    seen = Subsample(2)(last(TORCH["deepgaze2e_mixture/image"]).astype(np.float32))
    wanted = last(TORCH["deepgaze2e_mixture/image_seen_by_backbone"])
    np.testing.assert_array_equal(array(seen), wanted)


def test_a_mixture_of_deepgaze_3():
    found = under("deepgaze3_mixture/")
    given, bias, history = taps("deepgaze3_mixture"), found["centerbias"], history_of(found)
    bias = bias[..., None]
    picture = np.zeros((len(bias), *bias.shape[1:3], 3), np.float32)
    small = np.repeat(small_picture(*bias.shape[1:3]), len(bias), axis=0)
    arrays = [*given, small, picture, bias, history]
    inputs = [keras.Input(x.shape[1:]) for x in arrays]
    parameters = under("deepgaze3_mixture/p/")
    count = len({k.split(".")[1] for k in parameters if k.startswith("finalizers")})
    output = scanpath_mixture(inputs[: len(given)], *inputs[len(given) :], count)
    model = filled(inputs, output, deepgaze.plan(count), parameters)
    density(array(model(arrays)), last(found["y"]))


def test_deepgaze_1_of_torch():
    found = under("deepgaze1_class/")
    bias = TORCH["finalizer/centerbias"][..., None]
    small = np.repeat(small_picture(*bias.shape[1:3]), len(bias), axis=0)
    arrays = [last(found["tap0"]), small, bias]
    inputs = [keras.Input(x.shape[1:]) for x in arrays]
    output = linear_readout([inputs[0]], inputs[1], inputs[2], standardised=False)
    parameters = under("deepgaze1_class/p/")
    model = filled(inputs, output, deepgaze.linear_plan(), parameters)
    density(array(model(arrays))[..., 0], found["y"])


def test_log_likelihood_in_bits():
    found = under("metrics/")
    loss = LogLikelihood()
    counts = found["fixation_mask"].astype(np.float32)
    weights = found["weights"] / found["weights"].mean()
    bits = -array(loss(counts, found["log_density"], sample_weight=weights))
    assert float(bits) == pytest.approx(float(found["log_likelihood"]), rel=1e-5)


def test_features_and_readout_of_icf():
    (name,) = (k for k in ICF if k.startswith("features_scale"))
    dtype = "float64" if keras.backend.backend() == "tensorflow" else "float32"
    picture = ICF["image"][None].astype(dtype)
    layer = IntensityContrast(scale=float(name.removeprefix("features_scale")), dtype=dtype)
    features = array(layer(picture))
    tolerance = 1e-8 if dtype == "float64" else 1e-5
    close(features[0], ICF[name], tolerance)
    with_dtype = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        x = keras.Input((None, None, features.shape[-1]), dtype=dtype)
        model = keras.Model(x, pointwise_readout(x))
    finally:
        keras.config.set_dtype_policy(with_dtype)
    for k in range(4):
        kernel, bias = ICF[f"readout/w{k}"], ICF[f"readout/b{k}"]
        model.get_layer(f"readout{k}").set_weights([kernel.T[None, None], bias])
    readout = array(model(ICF[name][None].astype(dtype)))
    close(readout[0, ..., 0], ICF["readout/o"], tolerance)
    blur = GaussianBlur2D(2.0, 3.0, "nearest", dtype=dtype)
    raw = (
        array(blur(ICF["readout/o"][None, ..., None].astype(dtype)))[0, ..., 0] + ICF["centre_bias"]
    )
    found = raw - np.log(np.exp(raw - raw.max()).sum()) - raw.max()
    close(found, ICF["log_density"], tolerance)


CASES = sorted({k.split("/")[0] for k in BIAS if k.startswith("bandwidth")})


@pytest.mark.parametrize("case", CASES)
def test_the_centre_bias_as_pysaliency_has_it(case):
    bandwidth, share = (float(p) for p in case.removeprefix("bandwidth").split("_eps"))
    image, sizes = BIAS["image"], BIAS["sizes"]
    x, y = BIAS["x"] / sizes[image, 1], BIAS["y"] / sizes[image, 0]
    bias = CentreBias(x, y, image, bandwidth, share, "pysaliency")
    for k, size in enumerate(map(tuple, sizes.tolist())):
        own = image == k
        alone = CentreBias(x[own], y[own], image[own], bandwidth, share, "pysaliency")
        for key, found in {
            "baseline": bias.log_density(size),
            "leave_one_image_out": bias.log_density(size, without=k),
            "gold_grid": alone.log_density(size),
        }.items():
            np.testing.assert_allclose(found, BIAS[f"{case}/image{k}/{key}"], rtol=0, atol=1e-8)


PDP = load("pdp_losses")
PDP_CASES = sorted({(k.split("/")[0], k.split("/")[1]) for k in PDP if k.endswith("/value")})


@pytest.mark.parametrize(("case", "name"), PDP_CASES)
def test_values_and_gradients_of_pdps_losses(case, name):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("float64 without a flag, and the gradient's tape, are TensorFlow's")
    import tensorflow as tf

    x = tf.Variable(PDP[f"{case}/x"][None, ..., None])
    target = PDP.get(f"{case}/{name}/target", PDP[f"{case}/g"])[None, ..., None]
    regression = f"{case}/{name}/target" in PDP
    loss = RegressionLoss(name, dtype="float64") if regression else PDPLoss(name, dtype="float64")
    with tf.GradientTape() as tape:
        prediction = x if regression else x - ops.logsumexp(x, axis=(1, 2), keepdims=True)
        value = loss(target, prediction)
    gradient = array(tape.gradient(value, x))[0, ..., 0]
    assert float(value) == pytest.approx(float(PDP[f"{case}/{name}/value"]), rel=1e-9, abs=1e-12)
    close(gradient, PDP[f"{case}/{name}/gradient"], 1e-9)
