"""FUCOS-style: the transposed kernels interpolate, sizes of any kind, widths."""

import numpy as np
import pytest

from keras_saliency import build_model
from keras_saliency.models.fucos import bilinear_kernel


@pytest.fixture(scope="module")
def narrow():
    return build_model("fucos", input_shape=(97, 131), fc_channels=256)


def test_any_size_comes_back(narrow):
    assert narrow.output_shape == (None, 97, 131, 1)
    assert narrow(np.zeros((1, 97, 131, 3), np.float32), training=False).shape[1:3] == (97, 131)
    for size in ((224, 224), (240, 320)):
        model = build_model("fucos", input_shape=size, fc_channels=8)
        assert model.output_shape == (None, *size, 1)


def test_widths(narrow):
    assert narrow.get_layer("fc6").count_params() == 7 * 7 * 512 * 256 + 256
    assert narrow.get_layer("score_fr").count_params() == 256 * 60 + 60
    assert narrow.get_layer("up8").count_params() == 16 * 16 * 60 * 60


def test_the_kernel_by_hand():
    kernel = bilinear_kernel(4, 2)
    line = np.array([0.25, 0.75, 0.75, 0.25])
    np.testing.assert_allclose(kernel[:, :, 1, 1], np.outer(line, line))
    assert not kernel[:, :, 0, 1].any()


def test_a_constant_score_is_constant_inside(narrow, set_weights):
    import keras

    set_weights(narrow, {"score_fr": (0.0, 2.0)}, keep=("up2", "up4", "up8"))
    enlarged = keras.Model(narrow.input, narrow.get_layer("crop").output)
    found = np.asarray(enlarged(np.zeros((1, 97, 131, 3), np.float32), training=False))[0]
    np.testing.assert_allclose(found[32:-32, 32:-32], 2, rtol=1e-5)
    assert found[0, 0, 0] < 2, "zeros come in at the border"


@pytest.mark.large
def test_the_papers_width():
    assert build_model("fucos").get_layer("fc6").count_params() == 102_764_544
