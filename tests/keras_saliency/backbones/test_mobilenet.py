"""MobileNet: agreement with `keras.applications`, dilation against strides, trained weights."""

import keras
import numpy as np
import pytest

from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.folding import without_statistics
from keras_saliency.backbones.mobilenet import MOBILENET, mobilenet
from keras_saliency.backbones.weights import load_trunk

LAST = "conv_pw_13_relu"


def build(tap=LAST, **options):
    inputs = keras.Input((None, None, 3))
    return keras.Model(inputs, mobilenet(inputs, **options)[tap])


def noise(height, width, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (1, height, width, 3)).astype(np.float32)


@pytest.mark.parametrize(("alpha", "parameters"), [(1.0, 3_228_864), (0.75, 1_832_976)])
def test_counts(alpha, parameters):
    assert build(alpha=alpha).count_params() == parameters


@pytest.mark.parametrize("size", [(64, 96), (160, 32)])
def test_every_tap_equals_that_of_keras_applications(filled, size):
    reference = keras.applications.MobileNet(
        (*size, 3), alpha=0.25, include_top=False, weights=None
    )
    theirs = keras.Model(reference.input, [reference.get_layer(n).output for n in MOBILENET.taps])
    inputs = keras.Input((*size, 3))
    taps = mobilenet(inputs, alpha=0.25)
    ours = keras.Model(inputs, [taps[n] for n in MOBILENET.taps])
    filled(theirs), filled(ours)
    pairs = zip(ours(noise(*size)), theirs(noise(*size)), strict=True)
    for found, wanted in pairs:
        np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("strides", [(2, 2, 2, 1), (2, 2, 1, 1)])
def test_a_dilated_trunk_equals_the_strided_one_on_its_grid(filled, strides):
    x = noise(96, 128)
    coarse = np.asarray(filled(build(alpha=0.25))(x, training=False))
    fine = np.asarray(filled(build(alpha=0.25, strides=strides))(x, training=False))
    step = fine.shape[1] // coarse.shape[1]
    assert step == 2 ** strides.count(1)
    np.testing.assert_allclose(fine[:, ::step, ::step], coarse, atol=1e-5)


def test_a_folded_trunk_equals_the_one_with_statistics(filled, h5_file, tmp_path):
    plain = filled(build())
    h5_file(plain, tmp_path / "w.h5")
    picture = keras.Input((64, 96, 3))
    trunk = encode(without_statistics(MOBILENET), picture)
    load_trunk(trunk, tmp_path / "w.h5")
    assert not [layer.name for layer in trunk.layers if layer.name.endswith("_bn")]
    found = np.asarray(keras.Model(picture, trunk.taps[LAST])(noise(64, 96)))
    np.testing.assert_allclose(found, plain(noise(64, 96)), atol=1e-4)


def test_taps_by_stride():
    trunk = encode("mobilenet", keras.Input((64, 64, 3)))
    assert [trunk.tap(s).shape[1] for s in MOBILENET.strides] == [32, 16, 8, 4, 2]


@pytest.mark.shared
def test_trained_weights_give_the_features_of_keras_applications(shared):
    path = shared / "data/weights/mobilenet_7_5_224_tf_no_top.h5"
    trunk = encode("mobilenet", picture := keras.Input((224, 224, 3)), alpha=0.75)
    load_trunk(trunk, path)
    reference = keras.applications.MobileNet(alpha=0.75, include_top=False, weights=str(path))
    found = keras.Model(picture, trunk.taps[LAST])(noise(224, 224))
    wanted = np.asarray(reference(noise(224, 224)))
    assert wanted.std() > 0.01
    np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.mark.shared
def test_a_file_that_is_cut_off_serves_the_trunk_before_the_cut(shared, photographs):
    trunk = encode("mobilenet", picture := keras.Input((224, 224, 3)), blocks=12)
    load_trunk(trunk, shared / "data/weights/mobilenet_1_0_224_tf_to_conv_dw_13.h5")
    assert sum(layer.count_params() for layer in trunk.layers) == 2_162_880
    for name, deviation in photographs.deviations(picture, trunk).items():
        assert deviation < 0.35, name


def test_a_stride_behind_one_that_was_taken_away_is_refused():
    with pytest.raises(ValueError, match="deep end"):
        mobilenet(keras.Input((64, 64, 3)), strides=(2, 1, 2, 1))
