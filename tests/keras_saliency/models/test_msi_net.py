"""MSI-Net: sizes, receptive fields, its scaling, its colours."""

import numpy as np
import pytest

from keras_saliency import build_model


@pytest.fixture(scope="module")
def msi_net():
    return build_model("msi_net", input_shape=(48, 64))


def test_sizes_and_counts(msi_net):
    assert build_model("msi_net", input_shape=(216, 384)).output_shape == (None, 216, 384, 1)
    counts = [msi_net.get_layer(f"aspp_conv{k}").count_params() for k in (1, 2, 3, 4, 5)]
    assert counts == [327_936, 2_949_376, 2_949_376, 2_949_376, 327_936]
    assert msi_net.get_layer("aspp_fuse").count_params() == 327_936
    counts = [msi_net.get_layer(f"decoder_conv{k}").count_params() for k in (1, 2, 3, 4)]
    assert counts == [295_040, 73_792, 18_464, 289]
    assert msi_net.get_layer("levels").output.shape[1:] == (6, 8, 1280)


@pytest.mark.slow
def test_receptive_fields_at_stride_8(receptive_field):
    model = build_model("msi_net", input_shape=(16, 880))
    fields = [
        receptive_field(model, model.get_layer(name).output, 8, 880)
        for name in ("block5_conv3", "aspp_conv4")
    ]
    # the pyramid reads pool5, one cell of 8 pixels wider than conv5_3
    assert fields == [196, 396]


def test_maps_begin_at_0_and_end_just_below_1(msi_net, random_inputs):
    found = np.asarray(msi_net(random_inputs(msi_net, batch=2) * 255, training=False))
    np.testing.assert_array_equal(found.min(axis=(1, 2, 3)), 0)
    np.testing.assert_allclose(found.max(axis=(1, 2, 3)), 1, atol=1e-3)
    assert found.max() <= 1


def test_enlarging_starts_at_the_corner(msi_net):
    values = np.array([0, 1, 3], np.float32).reshape(1, 1, 3, 1)
    for k in (1, 2, 3):
        found = np.asarray(msi_net.get_layer(f"decoder_up{k}")(values))[0, 0, :, 0]
        np.testing.assert_allclose(found, [0, 0.5, 1, 2, 3, 3])


def test_means_of_bgr_are_taken_off_rgb_and_padding_is_126(msi_net):
    prepared, plan = msi_net.preprocess(np.full((48, 32, 3), (200, 100, 50), np.uint8))
    assert plan.offset == (0, 16)
    np.testing.assert_allclose(
        prepared[20, 30], [200 - 103.939, 100 - 116.779, 50 - 123.68], rtol=1e-5
    )
    np.testing.assert_allclose(
        prepared[20, 2], [126 - 103.939, 126 - 116.779, 126 - 123.68], rtol=1e-5
    )


def test_the_global_branch_reaches_every_pixel(msi_net, set_weights):
    keep = [layer.name for layer in msi_net.layers if layer.name.startswith("block")]
    set_weights(
        msi_net,
        {"aspp_conv5": (1.0, 0.0), "aspp_fuse": (1.0, 0.0)},
        keep=keep,
    )
    import keras

    fused = keras.Model(msi_net.input, msi_net.get_layer("aspp_fuse").output)
    picture = np.zeros((1, 48, 64, 3), np.float32)
    picture[0, 0, 0] = 100
    found = np.asarray(fused(picture, training=False))
    assert found.max() > 0
    np.testing.assert_allclose(found, found.max(), rtol=1e-6)


def test_fewer_features_narrow_the_pyramid_and_the_decoder():
    model = build_model("msi_net", input_shape=(32, 48), encoder="mobilenet", features=16)
    names = ("aspp_conv2", "aspp_fuse", "decoder_conv1", "decoder_conv2", "decoder_conv3")
    assert [model.get_layer(name).filters for name in names] == [16, 16, 8, 4, 2]
    assert model.output_shape == (None, 32, 48, 1)
