"""The partial convolutional U-Net: levels, masks, what stays, other forms."""

import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model


@pytest.fixture(scope="module")
def small():
    return build_model("pconv_unet", input_shape=(256, 256))


def test_levels():
    model = build_model("pconv_unet")
    sides = [model.get_layer(f"encoder{k}_relu").output.shape[1] for k in range(1, 9)]
    assert sides == [256, 128, 64, 32, 16, 8, 4, 2]
    assert model.output_shape == (None, 512, 512, 3)
    normalised = {layer.name for layer in model.layers if layer.name.endswith("_bn")}
    assert normalised == {f"{part}coder{k}_bn" for part in ("en", "de") for k in range(2, 9)}


def test_valid_pixels_of_the_output_are_the_inputs(small, random_inputs):
    picture, mask = random_inputs(small)
    mask = mask[..., :1].repeat(3, -1)
    found = np.asarray(small([picture, mask], training=False))
    np.testing.assert_array_equal(found[mask == 1], picture[mask == 1])
    assert (found[mask == 0] != picture[mask == 0]).mean() > 0.99
    whole = np.asarray(small([picture, np.ones_like(mask)], training=False))
    np.testing.assert_array_equal(whole, picture)


def test_sides_that_do_not_halve_are_cropped_to_the_skips():
    model = build_model("pconv_unet", input_shape=(224, 224))
    assert model.output_shape == (None, 224, 224, 3)
    inputs = [np.full((1, 224, 224, 3), 0.5, np.float32), np.zeros((1, 224, 224, 3), np.float32)]
    inputs[1][:, :100] = 1
    assert np.isfinite(np.asarray(model(inputs, training=False))).all()


@pytest.mark.slow
def test_a_hole_closes_level_by_level():
    model = build_model("pconv_unet")
    masks = [model.get_layer(f"encoder{k}").output[1] for k in range(1, 7)]
    mask = np.ones((1, 512, 512, 3), np.float32)
    mask[:, 128:256, 128:256] = 0
    found = keras.Model(model.inputs, masks)([np.zeros_like(mask), mask], training=False)
    cells, first = [], []
    for valid in found:
        rows = np.flatnonzero((np.asarray(valid)[0, ..., 0] == 0).any(axis=1))
        cells.append(len(rows))
        first.append(int(rows[0]) if len(rows) else None)
    assert cells == [61, 29, 13, 5, 1, 0]
    assert first == [66, 34, 18, 10, 6, None]


@pytest.mark.parametrize(
    ("options", "parameters"),
    [({"final_convolution": False}, 32_876_116), ({}, 32_876_128)],
)
def test_counts_of_other_forms(options, parameters):
    model = build_model("pconv_unet", input_shape=(128, 128), **options)
    assert model.count_params() == parameters


def test_seven_levels():
    model = build_model("pconv_unet", input_shape=(128, 128), levels=7)
    assert model.get_layer("encoder7_relu").output.shape[1] == 1
    assert not [layer for layer in model.layers if layer.name.startswith("encoder8")]


def test_it_has_no_map_and_says_what_does(small):
    for call in (small.predict_map, small.preprocess):
        with pytest.raises(ConfigError, match="salbench inpainting-error"):
            call(np.zeros((9, 9, 3), np.uint8))


def test_a_picture_too_small_for_eight_halvings():
    with pytest.raises(ConfigError, match=r"sides, 128 or more; got 64x200"):
        build_model("pconv_unet", input_shape=(64, 200))
