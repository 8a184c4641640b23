"""Weight files: the layout of `keras.applications`, what does not fit, what must not be opened."""

import h5py
import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.backbones import weights
from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.resnet import RESNET50, resnet
from keras_saliency.backbones.weights import check_sha256, load_trunk, read_layers


def small(inputs, **options):
    return resnet(inputs, (1, 1, 1, 1), stages=2, **options)


@pytest.fixture
def reference(filled):
    inputs = keras.Input((None, None, 3))
    return filled(keras.Model(inputs, small(inputs)["conv3_block1_out"]), seed=4)


@pytest.fixture
def trunk():
    from dataclasses import replace

    picture = keras.Input((32, 32, 3))
    return encode(replace(RESNET50, build=small), picture, prefix="img_")


def test_a_file_loads_by_name_under_a_prefix(reference, trunk, h5_file, tmp_path):
    load_trunk(trunk, h5_file(reference, tmp_path / "w.h5"))
    for layer in trunk.layers:
        wanted = reference.get_layer(layer.name.removeprefix("img_")).get_weights()
        for have, want in zip(layer.get_weights(), wanted, strict=True):
            np.testing.assert_array_equal(have, want)


def test_a_file_of_another_network_names_all_that_differs(reference, trunk, h5_file, tmp_path):
    path = h5_file(reference, tmp_path / "w.h5", drop=("conv1_conv", "conv2_block1_1_bn"))
    with h5py.File(path, "a") as file:
        name = "conv3_block1_3_conv/kernel:0"
        del file["conv3_block1_3_conv"][name]
        file["conv3_block1_3_conv"][name] = np.zeros((1, 1, 2, 2), np.float32)
    before = [weight.copy() for layer in trunk.layers for weight in layer.get_weights()]
    with pytest.raises(InputError) as caught:
        load_trunk(trunk, path)
    for part in ("conv1_conv: the file", "conv2_block1_1_bn", "conv3_block1_3_conv: the model has"):
        assert part in str(caught.value)
    after = [weight for layer in trunk.layers for weight in layer.get_weights()]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True)), "nothing was set"


def test_a_truncated_file(reference, h5_file, tmp_path):
    path = h5_file(reference, tmp_path / "w.h5")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match="fetch it again"):
        read_layers(path)


def test_links_to_other_files_are_not_followed(reference, h5_file, tmp_path):
    path = h5_file(reference, tmp_path / "w.h5")
    h5_file(reference, tmp_path / "other.h5")
    with h5py.File(path, "a") as file:
        del file["conv1_conv"]["conv1_conv"]["kernel:0"]
        file["conv1_conv"]["conv1_conv"]["kernel:0"] = h5py.ExternalLink(
            "other.h5", "conv1_conv/conv1_conv/kernel:0"
        )
    with pytest.raises(InputError, match="link"):
        read_layers(path)


def test_pickled_arrays_are_never_loaded(tmp_path):
    np.savez(tmp_path / "w.npz", **{"conv/0": np.array([print], dtype=object)})
    with pytest.raises(InputError, match="no weights file"):
        read_layers(tmp_path / "w.npz")


def test_a_path_that_does_not_exist(trunk, tmp_path):
    with pytest.raises(ConfigError, match="there is no weights file"):
        load_trunk(trunk, tmp_path / "none.h5")


def test_a_failed_download_says_how_to_get_the_file(trunk, monkeypatch):
    def fail(*arguments, **options):
        raise Exception("URL fetch failure on https://…: None -- no route to host")

    monkeypatch.setattr(weights, "_fetch", fail)
    with pytest.raises(ConfigError) as caught:
        load_trunk(trunk, "imagenet")
    for part in (RESNET50.file, RESNET50.url, "models", "backbone_weights=PATH", "no route"):
        assert part in str(caught.value)


def test_a_trunk_without_an_imagenet_file(filled):
    trunk = encode("resnext50", keras.Input((32, 32, 3)))
    with pytest.raises(ConfigError, match="no ImageNet file for resnext50"):
        load_trunk(trunk, "imagenet")


def test_an_altered_file_is_refused(tmp_path):
    path = tmp_path / "w.h5"
    path.write_bytes(b"weights")
    check_sha256(path, "")
    with pytest.raises(InputError, match="SHA-256"):
        check_sha256(path, "0" * 64)
