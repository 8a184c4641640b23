"""DenseNet trunks: counts, agreement with `keras.applications`, dilation against strides."""

import keras
import numpy as np
import pytest

from keras_saliency.backbones import densenet as module
from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.densenet import DENSENET121, densenet, densenet121, densenet161


def build(make, tap, **options):
    inputs = keras.Input((None, None, 3))
    return keras.Model(inputs, make(inputs, **options)[tap])


def test_densenet161():
    inputs = keras.Input((480, 640, 3))
    taps = densenet161(inputs)
    model = keras.Model(inputs, taps["relu"])
    assert model.count_params() == 26_691_936
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 26_472_000
    assert [taps[name].shape[1:] for name in module.DENSENET161.taps[1:]] == [
        (120, 160, 384),
        (60, 80, 768),
        (30, 40, 2112),
        (15, 20, 2208),
    ]
    halved = [taps[f"pool{k}_pool"].shape[-1] for k in (2, 3, 4)]
    assert halved == [192, 384, 1056]


@pytest.mark.slow
def test_every_tap_equals_that_of_keras_applications(filled):
    reference = keras.applications.DenseNet121(weights=None, include_top=False)
    theirs = keras.Model(reference.input, [reference.get_layer(n).output for n in DENSENET121.taps])
    inputs = keras.Input((None, None, 3))
    taps = densenet121(inputs)
    ours = keras.Model(inputs, [taps[n] for n in DENSENET121.taps])
    filled(theirs), filled(ours)
    assert ours.count_params() == theirs.count_params()
    x = np.random.default_rng(0).normal(size=(1, 64, 96, 3)).astype(np.float32)
    pairs = zip(ours(x, training=False), theirs(x, training=False), strict=True)
    for found, wanted in pairs:
        np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())


def test_a_dilated_trunk_equals_the_strided_one_on_its_grid(filled):
    options = {"growth": 4, "stem": 8}

    def last(**more):
        return filled(build(lambda x, **o: densenet(x, (1, 1, 2), **o), "relu", **options, **more))

    x = np.random.default_rng(0).normal(size=(1, 96, 128, 3)).astype(np.float32)
    coarse = np.asarray(last()(x, training=False))
    fine = np.asarray(last(strides=(2, 1), dilations=(1, 1, 2))(x, training=False))
    assert (coarse.shape[1:3], fine.shape[1:3]) == ((6, 8), (11, 15))
    np.testing.assert_allclose(fine[:, ::2, ::2], coarse, atol=1e-5 * np.abs(coarse).max())


def test_the_last_relu_is_an_option():
    taps = densenet(keras.Input((64, 64, 3)), (1, 1, 1, 1), growth=4, stem=8, final_relu=False)
    assert "relu" not in taps
    assert "bn" in taps


def test_taps_by_stride():
    trunk = encode("densenet121", keras.Input((64, 64, 3)))
    assert [trunk.tap(s).shape[1] for s in DENSENET121.strides] == [32, 16, 8, 4, 2]
