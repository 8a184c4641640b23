"""NASNet trunks: counts, the taps' grids, the fixed size."""

import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.nasnet import nasnet_mobile


@pytest.fixture(scope="module")
def mobile():
    return encode("nasnet_mobile", keras.Input((64, 96, 3)), prefix="img_")


def test_mobile(mobile):
    assert sum(layer.count_params() for layer in mobile.layers) == 4_269_716
    sides = [mobile.taps[name].shape[1:3] for name in mobile.backbone.taps]
    assert sides == [(64 // s, 96 // s) for s in mobile.backbone.strides]


@pytest.mark.slow
def test_a_file_of_keras_applications_loads_under_a_prefix(mobile, filled, h5_file, tmp_path):
    from keras_saliency.backbones.weights import load_trunk

    reference = keras.applications.NASNetMobile((64, 96, 3), include_top=False, weights=None)
    load_trunk(mobile, h5_file(filled(reference), tmp_path / "w.h5"))
    for layer in mobile.layers:
        for have, want in zip(
            layer.get_weights(), reference.get_layer(layer.name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(have, want)


def test_an_unknown_size_is_refused():
    with pytest.raises(ConfigError, match="nasnet_mobile needs a fixed input size"):
        nasnet_mobile(keras.Input((None, 64, 3)))


@pytest.mark.large
def test_large():
    trunk = encode("nasnet_large", keras.Input((480, 640, 3)))
    assert sum(layer.count_params() for layer in trunk.layers) == 84_916_818
    assert [tuple(trunk.taps[name].shape[1:]) for name in trunk.backbone.taps] == [
        (60, 80, 336),
        (60, 80, 1008),
        (30, 40, 1344),
        (30, 40, 2016),
        (15, 20, 2688),
        (15, 20, 4032),
    ]
