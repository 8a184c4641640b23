"""EfficientNet-Lite: counts, readers, dilation against strides, folding, trained weights."""

import keras
import numpy as np
import pytest

from benchmark_kit.errors import InputError
from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.efficientnet_lite import (
    EFFICIENTNET_LITE0,
    EFFICIENTNET_LITE2,
    STAGES,
    STAGES_2,
    efficientnet_lite0,
    efficientnet_lite2,
    read_lite,
)
from keras_saliency.backbones.folding import without_statistics
from keras_saliency.backbones.weights import load_trunk


def build(tap="head", **options):
    inputs = keras.Input((None, None, 3))
    return keras.Model(inputs, efficientnet_lite0(inputs, **options)[tap])


def test_counts():
    model = build()
    assert model.count_params() == 3_413_024
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 4_652_008 - 1_281_000


def test_lite2_is_wider_and_deeper_but_for_its_first_and_last_stage():
    assert [stage[0] for stage in STAGES_2] == [1, 3, 3, 4, 4, 5, 1]
    assert [stage[3] for stage in STAGES_2] == [16, 24, 48, 88, 120, 208, 352]
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, efficientnet_lite2(inputs)["head"])
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 6_092_072 - 1_281_000
    trunk = encode(EFFICIENTNET_LITE2, keras.Input((64, 96, 3)))
    assert [trunk.tap(s).shape[1] for s in EFFICIENTNET_LITE2.strides] == [32, 16, 8, 4, 2]


def test_a_folded_trunk_equals_the_one_with_statistics(filled, tmp_path):
    plain = filled(build())
    write_like_the_conversion(tmp_path / "w.npz", plain)
    inputs = keras.Input((64, 96, 3))
    trunk = encode(without_statistics(EFFICIENTNET_LITE0), inputs)
    load_trunk(trunk, tmp_path / "w.npz")
    x = np.random.default_rng(0).normal(size=(1, 64, 96, 3)).astype(np.float32)
    wanted = np.asarray(plain(x, training=False))
    found = np.asarray(keras.Model(inputs, trunk.taps["head"])(x, training=False))
    np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())


def test_taps_by_stride():
    trunk = encode("efficientnet_lite0", keras.Input((64, 96, 3)))
    assert [trunk.tap(s).shape[1] for s in EFFICIENTNET_LITE0.strides] == [32, 16, 8, 4, 2]
    assert trunk.taps["block16"].shape[1:] == (2, 3, 320)


@pytest.mark.parametrize("strides", [(2, 2, 2, 1), (2, 2, 1, 1)])
def test_a_dilated_trunk_equals_the_strided_one_inside_its_grid(filled, strides):
    # "same" pads an even side below and to the right alone: with a stride of 2 a window begins at
    # its own pixel, and the dilated kernels keep that
    x = np.random.default_rng(0).normal(size=(1, 128, 160, 3)).astype(np.float32)
    coarse = np.asarray(filled(build("block16"))(x, training=False))
    fine = np.asarray(filled(build("block16", strides=strides))(x, training=False))
    step = fine.shape[1] // coarse.shape[1]
    assert step == 2 ** strides.count(1)
    found = fine[:, ::step, ::step]
    np.testing.assert_allclose(found, coarse, atol=1e-4 * np.abs(coarse).max())


def write_like_the_conversion(path, model):
    """Every array under the PyTorch conversion's name and in its order."""
    arrays = {}

    def put(theirs, bn, ours):
        kernel = model.get_layer(ours).get_weights()[0]
        depthwise = ours.endswith("depthwise")
        arrays[f"{theirs}.weight"] = kernel.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        parts = model.get_layer(ours.removesuffix("_conv") + "_bn").get_weights()
        for part, array in zip(
            ("weight", "bias", "running_mean", "running_var"), parts, strict=True
        ):
            arrays[f"{bn}.{part}"] = array

    put("_conv_stem", "_bn0", "stem_conv")
    for k in range(sum(stage[0] for stage in STAGES)):
        if k:
            put(f"_blocks.{k}._expand_conv", f"_blocks.{k}._bn0", f"block{k + 1}_expand")
        put(f"_blocks.{k}._depthwise_conv", f"_blocks.{k}._bn1", f"block{k + 1}_depthwise")
        put(f"_blocks.{k}._project_conv", f"_blocks.{k}._bn2", f"block{k + 1}_project")
    put("_conv_head", "_bn1", "head_conv")
    np.savez(path, **arrays)


def test_the_reader_brings_arrays_into_our_order(filled, tmp_path):
    model = filled(build())
    write_like_the_conversion(tmp_path / "w.npz", model)
    found = read_lite(tmp_path / "w.npz")
    layers = {layer.name: layer for layer in model.layers if layer.weights}
    assert set(found) == set(layers)
    for name, layer in layers.items():
        for have, want in zip(found[name], layer.get_weights(), strict=True):
            np.testing.assert_array_equal(have, want)


def test_a_file_without_an_array_is_refused(filled, tmp_path):
    np.savez(tmp_path / "w.npz", **{"_conv_stem.weight": np.zeros((32, 3, 3, 3))})
    trunk = encode("efficientnet_lite0", keras.Input((32, 32, 3)))
    with pytest.raises(InputError, match=r"w\.npz is no weights file.*_bn0\.weight"):
        load_trunk(trunk, tmp_path / "w.npz")


@pytest.mark.shared
def test_trained_weights_see_photographs_as_in_training(shared, photographs):
    trunk = encode("efficientnet_lite0", picture := keras.Input((224, 224, 3)))
    load_trunk(trunk, shared / "data/weights/efficientnet_lite0.npz")
    deviations = photographs.deviations(picture, trunk)
    assert len(deviations) == 49
    for name, deviation in deviations.items():
        assert deviation < 0.6, name
