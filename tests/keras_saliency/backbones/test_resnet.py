"""ResNet trunks: counts, agreement with `keras.applications`, dilation against strides."""

import keras
import numpy as np
import pytest

from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.resnet import RESNET50, resnet, resnet50, resnet101, resnext50

LAST = "conv5_block3_out"


def count(build, **options):
    inputs = keras.Input((None, None, 3))
    return keras.Model(inputs, build(inputs, **options)[LAST]).count_params()


@pytest.mark.parametrize(
    ("build", "options", "parameters"),
    [
        (resnet50, {}, 23_587_712),
        (resnet50, {"form": "torch"}, 23_561_152),
        (resnet101, {}, 42_658_176),
        (resnet101, {"form": "torch"}, 42_605_504),
        (resnext50, {}, 23_048_128),  # torchvision: 22,979,904 without classifier, + statistics
    ],
)
def test_counts(build, options, parameters):
    assert count(build, **options) == parameters


def test_a_small_trunk_has_the_names_and_values_of_keras_applications(filled):
    reference = keras.applications.ResNet50(weights=None, include_top=False)
    picture = keras.Input((None, None, 3))
    ours = keras.Model(picture, list(resnet50(picture).values()))
    theirs = keras.Model(reference.input, [reference.get_layer(n).output for n in RESNET50.taps])
    filled(theirs), filled(ours)
    x = np.random.default_rng(0).normal(size=(1, 65, 97, 3)).astype(np.float32)
    got = dict(zip(resnet50(picture), ours.predict_on_batch(x), strict=True))
    for name, wanted in zip(RESNET50.taps, theirs.predict_on_batch(x), strict=True):
        np.testing.assert_allclose(got[name], wanted, rtol=1e-4, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.parametrize("form", ["keras", "torch"])
def test_a_dilated_trunk_equals_the_strided_one_on_its_grid(filled, form):
    def build(**options):
        inputs = keras.Input((None, None, 3))
        taps = resnet(inputs, (2, 2, 2, 2), form=form, **options)
        return filled(keras.Model(inputs, taps["conv5_block2_out"]))

    strided = build()
    dilated = build(strides=(1, 2, 1, 1), dilations=(1, 1, 2, 4))
    x = np.random.default_rng(0).normal(size=(1, 97, 129, 3)).astype(np.float32)
    coarse, fine = strided.predict_on_batch(x), dilated.predict_on_batch(x)
    assert fine.shape[1:3] == (13, 17)
    np.testing.assert_allclose(fine[:, ::4, ::4], coarse, rtol=1e-4, atol=1e-4 * coarse.max())


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="'keras' or 'torch'"):
        resnet50(keras.Input((32, 32, 3)), form="caffe")


def test_taps_by_stride():
    trunk = encode("resnet50", keras.Input((64, 64, 3)))
    assert [trunk.tap(s).shape[1] for s in RESNET50.strides] == [32, 16, 8, 4, 2]
    assert len(trunk.layers) == 2 * 53
