"""AlexNet's two forms: counts, sizes of Caffe's rounding, the place of the normalisation."""

import keras
import numpy as np
import pytest

from keras_saliency.backbones.adapters import encode, encode_layers, get_backbone


def trunk(name, size=227, **options):
    picture = keras.Input((size, size, 3))
    return picture, encode(name, picture, **options)


@pytest.mark.parametrize(("name", "count"), [("alexnet", 2_334_080), ("alexnet_torch", 2_469_696)])
def test_counts(name, count):
    _, found = trunk(name)
    assert sum(layer.count_params() for layer in found.layers) == count


def test_caffes_sizes():
    _, found = trunk("alexnet", last_pool=True)
    sizes = {name: tap.shape[1:] for name, tap in found.taps.items()}
    assert sizes["conv1"] == (55, 55, 96)
    assert sizes["pool1"] == (27, 27, 96)
    assert sizes["conv2"] == (27, 27, 256)
    assert sizes["pool2"] == (13, 13, 256)
    assert sizes["conv5"] == (13, 13, 256)
    assert sizes["pool5"] == (6, 6, 256)


def test_torchs_sizes():
    _, found = trunk("alexnet_torch", 224)
    assert found.taps["features_0"].shape[1:] == (55, 55, 64)
    assert found.taps["features_3"].shape[1:] == (27, 27, 192)
    assert found.taps["features_10"].shape[1:] == (13, 13, 256)


def test_groups_do_not_meet():
    picture, found = trunk("alexnet", 67)
    model = keras.Model(picture, [found.taps["norm1"], found.taps["conv2"]])
    kernel = model.get_layer("conv2").get_weights()[0]
    assert kernel.shape == (5, 5, 48, 256)


def test_the_normalisation_can_stand_before_the_pool():
    pictures = np.random.default_rng(0).normal(size=(1, 67, 67, 3)).astype("float32") * 100
    found = []
    for place in ("after", "before"):
        keras.utils.set_random_seed(0)
        picture, made = trunk("alexnet", 67, lrn=place)
        found.append(np.asarray(keras.Model(picture, made.taps["conv2"])(pictures)))
    assert found[0].shape == found[1].shape
    assert np.abs(found[0] - found[1]).max() > 0
    with pytest.raises(ValueError, match="after"):
        trunk("alexnet", lrn="no")


def test_the_last_tap_of_torchs_form_is_before_its_relu():
    picture, found = trunk("alexnet_torch", 96)
    model = keras.Model(picture, found.taps["features_10"])
    values = model(np.random.default_rng(0).normal(size=(1, 96, 96, 3)).astype("float32"))
    assert np.asarray(values).min() < 0


def test_inner_layers_can_be_tapped_and_later_ones_are_left_out():
    picture = keras.Input((64, 64, 3))
    found, (tap,) = encode_layers("resnet50", picture, ["conv4_block1_2_conv"])
    assert tap.shape[1:] == (4, 4, 256)
    names = {layer.name for layer in found.layers}
    assert "conv4_block1_2_conv" in names
    assert not {"conv4_block1_3_conv", "conv5_block1_1_conv"} & names
    from benchmark_kit.errors import ConfigError

    with pytest.raises(ConfigError, match="no layer conv9"):
        encode_layers("resnet50", picture, ["conv9"])
    found, taps = encode_layers("mobilenet", picture, ())
    assert [tap.shape[1] for tap in taps] == [4, 2]


def test_efficientnet_b5_is_keras_own():
    assert get_backbone("efficientnet_b5").strides == (2, 4, 8, 16, 32)
    picture = keras.Input((None, None, 3))
    found = encode("efficientnet_b5", picture)
    assert sum(layer.count_params() for layer in found.layers) == 28_513_527
    whole = keras.applications.EfficientNetB5(include_top=False, weights=None)
    model = keras.Model(picture, found.taps["top_activation"])
    for layer in whole.layers:
        if layer.weights:
            name = "normalization" if "normalization" in layer.name else layer.name
            model.get_layer(name).set_weights(layer.get_weights())
    pictures = np.random.default_rng(0).uniform(0, 255, (1, 64, 96, 3)).astype("float32")
    wanted = np.asarray(whole(pictures, training=False))
    np.testing.assert_allclose(np.asarray(model(pictures, training=False)), wanted, atol=1e-4)


def test_the_colours_of_efficientnet_b5_are_the_division_that_keras_adds_for_its_file():
    found = get_backbone("efficientnet_b5").colours(np.full((1, 1, 3), 100, np.float32))[0, 0]
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    # the file's normalisation divides by the root of the deviation; Keras by the root once more
    inside = (found / 255 - mean) / np.sqrt(deviation)
    np.testing.assert_allclose(inside, (100 / 255 - mean) / deviation, rtol=1e-4)
