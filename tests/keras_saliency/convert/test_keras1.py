"""ML-Net and SAM from files of Keras 1, against what Theano computes with the same arrays.

The networks are those of the registry with trunks of two channels; `Theano` below is the original
in numpy: true convolutions, pools that look to the upper left, Theano's upsampling.
"""

import os
import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.convert import convert
from keras_saliency.models import sam
from keras_saliency.registry.build import build_model
from keras_saliency.registry.cards import model_card

VGG16 = [(b, k) for b, depth in enumerate((2, 2, 3, 3, 3), 1) for k in range(1, depth + 1)]
RNG = np.random.default_rng(5)


class Theano:
    """Layers on (channels, rows, columns)."""

    @staticmethod
    def convolve(x, arrays, dilation=1, relu=True):
        kernel, *bias = arrays
        rows, columns = x.shape[1:]
        size = kernel.shape[2]
        reach = dilation * (size // 2)
        padded = np.pad(x.astype(np.float64), ((0, 0), (reach, reach), (reach, reach)))
        found = np.zeros((len(kernel), rows, columns))
        for a, b in np.ndindex(size, size):
            # y[i, j] = sum of W[a, b] x[i + c - a, j + c - b]
            r, c = (2 * reach - dilation * k for k in (a, b))
            found += np.tensordot(kernel[:, :, a, b], padded[:, r : r + rows, c : c + columns], 1)
        found += bias[0][:, None, None] if bias else 0
        return np.maximum(found, 0) if relu else found

    @staticmethod
    def pool(x, stride, same=True):
        """Windows of two; `same` begins one sample early and has ceil(n / stride) of them."""
        size = [-(-n // stride) if same else n // stride for n in x.shape[1:]]
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
        first = 0 if same else 1
        parts = [
            padded[:, first + a :: stride, first + b :: stride][:, : size[0], : size[1]]
            for a, b in np.ndindex(2, 2)
        ]
        return np.max(parts, axis=0)

    @staticmethod
    def upsample(x, ratio):
        for axis in (0, 1):
            n = x.shape[axis]
            places = (np.arange(n * ratio) - (ratio - 1) // 2) / ratio
            x = np.apply_along_axis(
                lambda v, at=places, n=n: np.interp(at, np.arange(n), v), axis, x
            )
        return x


def kernel(*shape):
    """Activations neither die nor grow in thirteen layers of them."""
    return RNG.uniform(-0.4, 1.0, shape) * 3 / np.prod(shape[1:])


def pair(*shape):
    return [kernel(*shape), RNG.uniform(0, 0.3, shape[0])]


def vgg16(channels):
    """Arrays of the trunk: by block, by convolution."""
    inside = 3
    blocks = []
    for filters, depth in zip(channels, (2, 2, 3, 3, 3), strict=True):
        blocks.append([])
        for _ in range(depth):
            blocks[-1].append(pair(filters, inside, 3, 3))
            inside = filters
    return blocks


def write(path, layers):
    """As Keras 1.1 writes it; layers without weights are there too."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in ["input_1", *layers]]
        for name, arrays in {"input_1": [], **layers}.items():
            group = file.create_group(name)
            names = [f"{name}_param_{k}".encode() for k in range(len(arrays))]
            group.attrs["weight_names"] = names
            for key, array in zip(names, arrays, strict=True):
                group[key] = array.astype(np.float32)
    return path


def ml_net_layers(channels, prior=(6, 8)):
    blocks = vgg16(channels)
    convolutions = [each for block in blocks for each in block]
    convolutions += [pair(64, sum(channels[2:]), 3, 3), pair(1, 64, 1, 1)]
    # later than others of the process: numbers need not begin at 1, nor sort as text
    layers = {f"convolution2d_{k}": each for k, each in enumerate(convolutions, 95)}
    return {**layers, "eltwiseproduct_2": [RNG.normal(0, 0.3, prior)]}


def ml_net_on_theano(layers, picture):
    *convolutions, int_conv, pre_final, prior = layers.values()
    remaining = iter(convolutions)
    x, taps = picture, []
    for block, depth in enumerate((2, 2, 3, 3, 3)):
        for _ in range(depth):
            x = Theano.convolve(x, next(remaining))
        if block < 4:
            x = Theano.pool(x, stride=2 if block < 3 else 1)
        if block >= 2:
            taps.append(x)
    x = Theano.convolve(np.concatenate(taps), int_conv)
    x = Theano.convolve(x, pre_final)[0]
    return np.maximum(x * Theano.upsample(1 + prior[0], 10), 0)


@pytest.fixture
def two_channels(monkeypatch):
    monkeypatch.setattr("keras_saliency.backbones.vgg.FILTERS", (2, 2, 2, 2, 3))
    monkeypatch.setattr("keras_saliency.backbones.resnet.FILTERS", (2, 2, 3, 3))
    for name in ("sam_vgg", "sam_resnet"):
        monkeypatch.setattr(sam, name, partial(getattr(sam, name), features=3))
    return (2, 2, 2, 2, 3)


@pytest.fixture
def ml_net_case(two_channels, tmp_path):
    layers = ml_net_layers(two_channels)
    picture = RNG.uniform(-1, 1, (3, 480, 640)).astype(np.float32)
    return layers, picture, ml_net_on_theano(layers, picture)


def predicted(model, picture):
    return np.asarray(model.predict_on_batch(np.moveaxis(picture, 0, -1)[None]))[0, ..., 0]


def apart(found, wanted):
    """Largest difference in parts of the largest value."""
    return np.abs(found - wanted).max() / wanted.max()


def test_ml_net_computes_what_theano_does(ml_net_case, tmp_path):
    layers, picture, wanted = ml_net_case
    assert wanted.std() > 0.01 * wanted.max(), "a constant map would say nothing"
    model, original = convert("ml_net", write(tmp_path / "mlnet_weights.pkl", layers))
    assert apart(predicted(model, picture), wanted) < 1e-5
    assert not model.random_weights
    assert original.left == ()
    assert original.used["block1_conv1"] == ("convolution2d_95/0", "convolution2d_95/1")

    # and the test would notice a pool that is not shifted
    shifted = build_model("ml_net", alignment="tf")
    shifted.set_weights(model.get_weights())
    assert apart(predicted(shifted, picture), wanted) > 1e-3


def test_without_the_flip_ml_net_is_another_network(ml_net_case, tmp_path):
    layers, picture, wanted = ml_net_case
    turned = {
        name: [a[:, :, ::-1, ::-1] if a.ndim == 4 else a for a in arrays]
        for name, arrays in layers.items()
    }
    model, _ = convert("ml_net", write(tmp_path / "turned.h5", turned))
    assert apart(predicted(model, picture), wanted) > 1e-3


def sam_tail(features=3):
    lstm = [*pair(features, features, 3, 3), *pair(features, features, 3, 3)]
    lstm.append(RNG.normal(0, 3, (1, features, 3, 3)))
    for _ in range(8):
        lstm += pair(features, features, 3, 3)
    # attention of 1200 places makes features small
    for k in range(5, 21, 4):
        lstm[k] = lstm[k] * 300
    priors = [
        np.concatenate([RNG.uniform(0.3, 0.7, 32), RNG.uniform(0.05, 0.3, 32)]) for _ in range(2)
    ]
    return {
        "learningprior_1": [priors[0]],  # before the LSTM: equal depth has no order
        "attentiveconvlstm_1": lstm,
        "atrousconvolution2d_1": pair(features, features + 16, 5, 5),
        "learningprior_2": [priors[1]],
        "atrousconvolution2d_2": pair(features, features + 16, 5, 5),
        "convolution2d_13": pair(1, features, 1, 1),
    }


def attentive_convlstm(x, arrays, steps=4):
    w_a, u_a, v_a = arrays[:2], arrays[2:4], arrays[4:5]
    gates = {
        gate: (arrays[k : k + 2], arrays[k + 2 : k + 4])
        for gate, k in zip("ifco", (5, 9, 13, 17), strict=True)
    }
    h = c = np.zeros_like(x)

    def convolve(values, pair):
        return Theano.convolve(values, pair, relu=False)

    def sigmoid(values):
        return 1 / (1 + np.exp(-values))

    for _ in range(steps):
        e = convolve(np.tanh(convolve(h, w_a) + convolve(x, u_a)), v_a)
        z = x * np.exp(e) / np.exp(e).sum()
        i, f, g, o = (convolve(z, w) + convolve(h, u) for w, u in gates.values())
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return h


def gaussians(vector, rows=30, columns=40):
    low, high = (0.25, 0.35, 0.1, 0.2), (0.75, 0.65, 0.9, 0.8)
    mu_x, mu_y, s_x, s_y = (
        np.clip(part, a, b)[:, None, None]
        for part, a, b in zip(np.split(vector, 4), low, high, strict=True)
    )
    x = np.linspace(0, 1, columns)
    y = np.linspace(0.125, 0.875, rows)[:, None]
    maps = np.exp(-((x - mu_x) ** 2 / (2 * s_x**2) + (y - mu_y) ** 2 / (2 * s_y**2)))
    return maps / maps.max(axis=(1, 2), keepdims=True)


def test_sam_vgg_computes_what_theano_does(two_channels, tmp_path):
    blocks, tail = vgg16(two_channels), sam_tail()
    named = {
        f"block{b}_conv{k}": each
        for b, block in enumerate(blocks, 1)
        for k, each in enumerate(block, 1)
    }
    path = write(tmp_path / "sam-vgg_salicon_weights.pkl", {**named, **tail})
    picture = RNG.uniform(-1, 1, (3, 240, 320)).astype(np.float32)

    x = picture
    for b, block in enumerate(blocks):
        for each in block:
            x = Theano.convolve(x, each, dilation=2 if b == 4 else 1)
        if b < 4:
            x = Theano.pool(x, stride=2 if b < 3 else 1, same=b >= 2)
    x = attentive_convlstm(x, tail["attentiveconvlstm_1"])
    for k in (1, 2):
        x = np.concatenate([x, gaussians(tail[f"learningprior_{k}"][0])])
        x = Theano.convolve(x, tail[f"atrousconvolution2d_{k}"], dilation=4)
    wanted = Theano.upsample(Theano.convolve(x, tail["convolution2d_13"])[0], 16)

    model, original = convert("sam_vgg", path)
    assert original.left == ()
    assert wanted.std() > 0.01 * wanted.max()
    assert apart(predicted(model, picture), wanted) < 1e-5


def resnet50(filters):
    """Early Keras' names, each convolution followed by its normalisation."""
    layers = {}

    def add(name, norm, outside, inside, size):
        layers[name] = pair(outside, inside, size, size)
        layers[norm] = [RNG.normal(size=outside) for _ in range(3)] + [RNG.uniform(1, 2, outside)]

    add("conv1", "bn_conv1", 64, 3, 7)
    inside = 64
    for stage, (width, blocks) in enumerate(zip(filters, (3, 4, 6, 3), strict=True), 2):
        for letter in "abcdef"[:blocks]:
            branches = [
                ("2a", width, inside, 1),
                ("2b", width, width, 3),
                ("2c", 4 * width, width, 1),
            ]
            if letter == "a":
                branches.append(("1", 4 * width, inside, 1))
            for branch, *shape in branches:
                name = f"{stage}{letter}_branch{branch}"
                add(f"res{name}", f"bn{name}", *shape)
            inside = 4 * width
    return layers


def test_sam_resnet_reads_early_keras_names(two_channels, tmp_path):
    tail = sam_tail()
    layers = {**resnet50((2, 2, 3, 3)), "convolution2d_1": pair(3, 12, 3, 3), **tail}
    model, original = convert("sam_resnet", write(tmp_path / "sam-resnet.pkl", layers))
    assert original.left == ()
    for ours, theirs in {
        "conv1_conv": "conv1",
        "conv2_block1_0_conv": "res2a_branch1",
        "conv2_block1_2_conv": "res2a_branch2b",
        "conv4_block6_3_conv": "res4f_branch2c",
        "features": "convolution2d_1",
        "readout": "convolution2d_13",
    }.items():
        found, bias = model.get_layer(ours).get_weights()
        wanted = layers[theirs][0].astype(np.float32)
        for o, i, a, b in np.ndindex(wanted.shape):
            assert found[-1 - a, -1 - b, i, o] == wanted[o, i, a, b], ours
        np.testing.assert_allclose(bias, layers[theirs][1], rtol=1e-6)
    for ours, theirs in {"conv1_bn": "bn_conv1", "conv5_block3_1_bn": "bn5c_branch2a"}.items():
        layer = model.get_layer(ours)
        parts = (layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance)
        for part, wanted in zip(parts, layers[theirs], strict=True):
            np.testing.assert_allclose(np.asarray(part), wanted, rtol=1e-6)


def test_all_layers_that_do_not_fit_are_named(two_channels, tmp_path):
    layers = ml_net_layers(two_channels)
    layers["eltwiseproduct_2"] = [np.zeros((3, 4))]
    layers["convolution2d_95"] = pair(2, 3, 5, 5)
    del layers["convolution2d_109"]  # the last one
    with pytest.raises(InputError) as caught:
        convert("ml_net", write(tmp_path / "other.h5", layers))
    for part in ("block1_conv1: the model has", "prior: the model has", "pre_final_conv: the file"):
        assert part in str(caught.value)


def test_arrays_that_no_layer_takes_are_left(two_channels, tmp_path):
    layers = {**ml_net_layers(two_channels), "dense_1": [np.zeros((2, 3)), np.zeros(3)]}
    _, original = convert("ml_net", write(tmp_path / "more.h5", layers))
    assert original.left == ("dense_1/0", "dense_1/1")


def test_truncated_and_foreign_files(two_channels, tmp_path):
    path = write(tmp_path / "whole.h5", ml_net_layers(two_channels))
    whole = path.read_bytes()
    for share in (0.05, 0.5, 0.95):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InputError):
            convert("ml_net", path)
    with h5py.File(path, "w") as file:
        file["conv"] = np.zeros(3)
    with pytest.raises(InputError, match="layer_names"):
        convert("ml_net", path)
    with pytest.raises(ConfigError, match="no weights file"):
        convert("ml_net", tmp_path / "none.h5")


class Harm:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


def test_a_real_pickle_of_that_name_is_never_run(tmp_path):
    marker = tmp_path / "harmed"
    (tmp_path / "w.pkl").write_bytes(pickle.dumps(Harm(marker)))
    with pytest.raises(InputError):
        convert("ml_net", tmp_path / "w.pkl")
    assert not marker.exists()


def test_links_to_other_files_are_not_followed(two_channels, tmp_path):
    path = write(tmp_path / "w.h5", ml_net_layers(two_channels))
    write(tmp_path / "other.h5", ml_net_layers(two_channels))
    with h5py.File(path, "a") as file:
        del file["eltwiseproduct_2"]["eltwiseproduct_2_param_0"]
        file["eltwiseproduct_2"]["eltwiseproduct_2_param_0"] = h5py.ExternalLink(
            "other.h5", "eltwiseproduct_2/eltwiseproduct_2_param_0"
        )
    with pytest.raises(InputError, match="link"):
        convert("ml_net", path)


def test_values_outside_the_file_are_not_read(two_channels, tmp_path):
    path = write(tmp_path / "w.h5", ml_net_layers(two_channels))
    (tmp_path / "secret").write_bytes(np.ones(48, np.float32).tobytes())
    with h5py.File(path, "a") as file:
        group = file["eltwiseproduct_2"]
        del group["eltwiseproduct_2_param_0"]
        group.create_dataset(
            "eltwiseproduct_2_param_0",
            (6, 8),
            "f4",
            external=[(str(tmp_path / "secret"), 0, 192)],
        )
    with pytest.raises(InputError, match="another file"):
        convert("ml_net", path)


@pytest.mark.slow
def test_ml_net_at_full_size(tmp_path):
    layers = ml_net_layers((64, 128, 256, 512, 512))
    model, original = convert("ml_net", write(tmp_path / "ml_net.h5", layers))
    assert original.left == ()
    assert (
        sum(a.size for group in layers.values() for a in group) == model_card("ml_net").parameters
    )
    found = model.get_layer("int_conv").get_weights()[0]
    wanted = layers["convolution2d_108"][0].astype(np.float32)
    np.testing.assert_array_equal(found[0, 2, 7], wanted[:, 7, 2, 0])


@pytest.mark.jax
@pytest.mark.slow
def test_the_same_under_jax():
    pytest.importorskip("jax")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", str(Path(__file__)), "-q", "-p", "no:cacheprovider"],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
