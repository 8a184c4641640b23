"""DPN-131: counts, the paths' channels, dilation against strides."""

import keras
import numpy as np
import pytest

from keras_saliency.backbones import dpn
from keras_saliency.backbones.dpn import dpn131


@pytest.mark.large
def test_counts_and_channels():
    inputs = keras.Input((480, 640, 3))
    taps = dpn131(inputs)
    model = keras.Model(inputs, taps["relu"])
    assert model.count_params() == 76_788_864
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 76_565_504
    stages = [taps[name].shape[1:] for name in ("conv2_4", "conv3_8", "conv4_28", "conv5_3")]
    assert stages == [(120, 160, 352), (60, 80, 832), (30, 40, 1984), (15, 20, 2688)]


@pytest.fixture
def narrow(monkeypatch, filled):
    """The network with few channels and blocks, and random weights."""
    monkeypatch.setattr(dpn, "GROUPS", 4)
    stages = ((1, 8, 4, 2), (2, 12, 8, 3), (1, 16, 8, 2), (3, 20, 8, 4))
    monkeypatch.setattr(dpn, "STAGES", stages)

    def build(tap="relu", **options):
        inputs = keras.Input((None, None, 3))
        return filled(keras.Model(inputs, dpn131(inputs, **options)[tap]))

    return build


def test_a_dilated_trunk_equals_the_strided_one_on_its_grid(narrow):
    x = np.random.default_rng(0).normal(size=(1, 96, 128, 3)).astype(np.float32)
    coarse = np.asarray(narrow()(x, training=False))
    fine = np.asarray(narrow(strides=(1, 2, 2, 1), dilations=(1, 1, 1, 2))(x, training=False))
    assert (coarse.shape[1:3], fine.shape[1:3]) == ((3, 4), (6, 8))
    np.testing.assert_allclose(fine[:, ::2, ::2], coarse, atol=1e-5 * np.abs(coarse).max())


def test_both_paths_of_a_block_by_hand(narrow):
    """The second block of a stage: adds to the first channels, appends the last."""
    model = narrow("conv3_2")
    before = keras.Model(model.input, model.get_layer("conv3_2_in").output)
    inside = keras.Model(model.input, model.get_layer("conv3_2_3_conv").output)
    x = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype(np.float32)
    known, new, found = (np.asarray(m(x, training=False)) for m in (before, inside, model))
    width, added = 12, 3
    assert known.shape[-1] == width + 3 * added, "two of the projection, one of the first block"
    wanted = np.concatenate(
        [known[..., :width] + new[..., :width], known[..., width:], new[..., width:]], -1
    )
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_the_first_blocks_projection_and_bottleneck_are_normalised_apart(narrow):
    names = {layer.name for layer in narrow().layers}
    for stage in (2, 3, 4, 5):
        assert {f"conv{stage}_1_0_bn", f"conv{stage}_1_1_bn"} <= names
