"""Weights that move between networks of ours: a new head on old layers, trunks of first stages."""

import warnings

import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency import build_model
from keras_saliency.backbones.trunk import Backbone
from keras_saliency.base.colours import PLAIN
from keras_saliency.models import inpainting

SIZE = (64, 64)


def _tiny(inputs, *, prefix="", **options):
    x = keras.layers.Conv2D(4, 3, strides=32, padding="same", name=f"{prefix}conv")(inputs)
    return {"conv5_block3_out": keras.layers.Activation("relu", name=f"{prefix}out")(x)}


@pytest.fixture
def small_thesis(monkeypatch):
    """The thesis' ResNet-101 network on a trunk of one layer."""
    trunk = Backbone("tiny", _tiny, PLAIN, ("conv5_block3_out",), (32,))
    encode = inpainting.encode
    monkeypatch.setattr(inpainting, "encode", lambda name, *a, **k: encode(trunk, *a, **k))


def thesis(**options):
    return build_model("inpainting_resnet101", input_shape=SIZE, **options)


def arrays(model, without=()):
    return {
        weight.path: np.array(keras.ops.convert_to_numpy(weight))
        for layer in model.layers
        for weight in layer.weights
        if layer.name not in without
    }


@pytest.mark.parametrize("suffix", [".weights.h5", ".keras"])
def test_the_thesis_second_step_goes_on_from_the_first(small_thesis, tmp_path, suffix):
    first, path = thesis(), tmp_path / f"step1{suffix}"
    first.save(path) if suffix == ".keras" else first.save_weights(path)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        second = thesis(transfer=True, weights=path)
    (told,) = [str(w.message) for w in found if "starts anew" in str(w.message)]
    assert "without transfer, which starts anew" in told
    assert "\n" not in told
    shared = arrays(second, without=["transfer"])
    assert set(shared) == set(arrays(first))
    for place, array in arrays(first).items():
        np.testing.assert_array_equal(shared[place], array, err_msg=place)
    assert second.random_weights, "its head has learned nothing yet"


def test_the_same_network_loads_whole_and_says_nothing(small_thesis, tmp_path, recwarn):
    model = thesis(transfer=True)
    model.save_weights(tmp_path / "m.weights.h5")
    again = thesis(transfer=True, weights=tmp_path / "m.weights.h5")
    assert not [w for w in recwarn if "anew" in str(w.message)]
    assert not again.random_weights
    for place, array in arrays(model).items():
        np.testing.assert_array_equal(arrays(again)[place], array)


def test_what_does_not_fit_is_named(small_thesis, tmp_path):
    thesis(direct=True).save_weights(tmp_path / "direct.weights.h5")
    with pytest.raises(InputError, match=r"is of another network:\s+scores: the model has"):
        thesis(transfer=True, weights=tmp_path / "direct.weights.h5")
    thesis(transfer=True).save_weights(tmp_path / "second.weights.h5")
    with pytest.raises(InputError, match="another network"):
        thesis(weights=tmp_path / "second.weights.h5")
    model = build_model("eml_net", SIZE, encoder=["mobilenet"])
    model.save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(InputError, match=r"another network:\s+layers/\S+: the file does not"):
        thesis(transfer=True, weights=tmp_path / "other.weights.h5")


def test_options_choose_the_thesis_recipe(small_thesis):
    model = thesis(direct=True, recipe="thesis")
    assert model.recipe == "thesis_direct_salicon"
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-5)
    model = thesis(recipe="thesis_salicon")
    assert model.get_layer("transfer").trainable
    assert not model.trunks[0].layers[0].trainable
    assert float(thesis(recipe="thesis").optimizer.learning_rate) == pytest.approx(1e-4)


@pytest.mark.parametrize("suffix", [".weights.h5", ".keras"])
def test_eml_nets_encoders_come_from_files_of_the_first_stage(tmp_path, suffix):
    names = ("mobilenet", "efficientnet_lite0")
    files, trained = [], []
    for name in names:
        one = build_model("eml_net", SIZE, encoder=[name], head="last")
        assert [layer.name for layer in one.layers if "tap" in layer.name] == ["tap0"]
        path = tmp_path / f"{name}{suffix}"
        one.save(path) if suffix == ".keras" else one.save_weights(path)
        files.append(path)
        trained.append(one)
    both = build_model("eml_net", SIZE, encoder=list(names), backbone_weights=files, recipe="paper")
    for trunk, one in zip(both.trunks, trained, strict=True):
        assert len(trunk.layers) == len(one.trunks[0].layers) > 10
        for mine, theirs in zip(trunk.layers, one.trunks[0].layers, strict=True):
            assert not mine.trainable
            for a, b in zip(mine.get_weights(), theirs.get_weights(), strict=True):
                np.testing.assert_array_equal(a, b, err_msg=mine.name)
    with pytest.raises(InputError, match=r"whose trunks \(mobilenet\) are not efficientnet_lite0"):
        build_model("eml_net", SIZE, encoder=[names[1]], backbone_weights=files[0])


def test_a_file_that_does_not_say_its_network_gives_no_trunk(tmp_path):
    inputs = keras.Input((8, 8, 3))
    keras.Model(inputs, keras.layers.Conv2D(1, 1)(inputs)).save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(InputError, match="does not say which network"):
        build_model(
            "eml_net", SIZE, encoder=["mobilenet"], backbone_weights=tmp_path / "a.weights.h5"
        )
    with pytest.raises(ConfigError, match="there is no file"):
        build_model("eml_net", SIZE, encoder=["mobilenet"], backbone_weights="none.weights.h5")


def test_the_first_stage_has_one_encoder(tmp_path):
    with pytest.raises(ConfigError, match="of one encoder at a time; got 2"):
        build_model("eml_net", SIZE, encoder=["mobilenet", "efficientnet_lite0"], head="last")


def test_salnet_starts_from_vgg_m(tmp_path):
    rng = np.random.default_rng(0)
    shapes = {"conv1": (7, 7, 3, 96), "conv2": (5, 5, 96, 256), "conv3": (3, 3, 256, 512)}
    held = {}
    for name, shape in {**shapes, "conv4": (3, 3, 512, 512)}.items():
        held[f"{name}/0"] = rng.random(shape, np.float32)
        held[f"{name}/1"] = rng.random(shape[-1:], np.float32)
    np.savez(tmp_path / "vgg_m.npz", **held)
    model = build_model("salnet", backbone_weights=tmp_path / "vgg_m.npz")
    for name in shapes:
        kernel, bias = model.get_layer(name).get_weights()
        np.testing.assert_array_equal(kernel, held[f"{name}/0"])
        np.testing.assert_array_equal(bias, held[f"{name}/1"])
    assert model.get_layer("conv4").kernel.shape == (5, 5, 512, 512), "the network's own"
