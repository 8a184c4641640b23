"""VGG trunks: counts, agreement with `keras.applications`, files, dilation against strides."""

import keras
import numpy as np
import pytest

from keras_saliency import build_model
from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.vgg import VGG16, vgg, vgg16, vgg19


def build(make=vgg16, **options):
    inputs = keras.Input((None, None, 3))
    return keras.Model(inputs, make(inputs, **options))


def test_counts():
    model = build()
    blocks = [
        sum(layer.count_params() for layer in model.layers if layer.name.startswith(f"block{k}"))
        for k in (1, 2, 3, 4, 5)
    ]
    assert blocks == [38_720, 221_440, 1_475_328, 5_899_776, 7_079_424]
    assert build(vgg19).count_params() == 20_024_384


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Keras' VGG16 with random weights."""
    model = keras.applications.VGG16(weights=None, include_top=False)
    rng = np.random.default_rng(0)
    model.set_weights(
        [
            rng.normal(0, np.sqrt(2 / np.prod(w.shape[:-1])) if w.ndim > 1 else 0.1, w.shape)
            for w in model.get_weights()
        ]
    )
    return model


def test_a_file_of_keras_applications_loads_by_name_into_a_network(reference, h5_file, tmp_path):
    path = h5_file(reference, tmp_path / VGG16.file)
    model = build_model("ml_net", input_shape=(80, 80), backbone_weights=path)
    for layer in reference.layers:
        for have, want in zip(
            model.get_layer(layer.name).get_weights() if layer.weights else [],
            layer.get_weights(),
            strict=True,
        ):
            np.testing.assert_array_equal(have, want)
    assert model.random_weights, "the head is still random"


def test_every_tap_equals_that_of_keras_applications(reference):
    model = build()
    model.set_weights(reference.get_weights())
    names = list(model.output)
    theirs = keras.Model(reference.input, {n: reference.get_layer(n).output for n in names})
    x = np.random.default_rng(1).normal(size=(1, 64, 96, 3)).astype(np.float32)
    wanted = theirs(x, training=False)
    for name, found in model(x, training=False).items():
        scale = np.abs(wanted[name]).max()
        np.testing.assert_allclose(found, wanted[name], atol=1e-5 * scale, err_msg=name)


def test_a_dilated_trunk_equals_the_strided_one_on_its_grid(filled):
    def last(**options):
        inputs = keras.Input((None, None, 3))
        taps = vgg(inputs, (1, 1, 1, 1, 2), last_pool=False, **options)
        return filled(keras.Model(inputs, taps["block5_conv2"]))

    x = np.random.default_rng(0).normal(size=(1, 80, 112, 3)).astype(np.float32)
    coarse = np.asarray(last()(x, training=False))
    fine = np.asarray(last(strides=(2, 2, 2, 1, 2), dilations=(1, 1, 1, 1, 2))(x, training=False))
    assert (coarse.shape[1:3], fine.shape[1:3]) == ((5, 7), (10, 14))
    np.testing.assert_allclose(fine[:, ::2, ::2], coarse, atol=1e-5 * coarse.max())


def test_pools_by_option():
    model = build(strides=(2, 2, 2, 1, 1), sizes=(2, 2, 2, 5, 2), alignment="theano")
    pools = [model.get_layer(f"block{k}_pool") for k in range(1, 6)]
    assert [pool.strides[0] for pool in pools] == [2, 2, 2, 1, 1]
    assert [pool.pool_size[0] for pool in pools] == [2, 2, 2, 5, 2]
    assert {pool.alignment for pool in pools} == {"theano"}


def test_fewer_blocks_and_a_wider_border():
    inputs = keras.Input((224, 224, 3))
    taps = vgg16(inputs, blocks=2, last_pool=False, first_padding=35)
    assert list(taps) == ["block1_conv1", "block1_conv2", "block1_pool", *list(taps)[3:]]
    assert list(taps)[-1] == "block2_conv2"
    assert taps["block1_conv1"].shape[1:3] == (292, 292)


def test_taps_by_stride():
    trunk = encode("vgg16", keras.Input((64, 64, 3)))
    assert [trunk.tap(s).shape[1] for s in VGG16.strides] == [64, 32, 16, 8, 4]
    assert len(trunk.layers) == 13
