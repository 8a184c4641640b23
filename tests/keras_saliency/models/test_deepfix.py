"""DeepFix: sizes, receptive field, and what the location bias does."""

import numpy as np
import pytest

from keras_saliency import build_model


def test_sizes_and_counts():
    model = build_model("deepfix", input_shape=(320, 320))
    assert model.output_shape == (None, 40, 40, 1)
    modules = [
        sum(
            layer.count_params() for layer in model.layers if layer.name.startswith(f"inception{k}")
        )
        for k in (1, 2)
    ]
    assert modules == [494_240, 494_240]
    assert [model.get_layer(f"location{k}").count_params() for k in (1, 2)] == [6_758_912] * 2
    assert not [layer for layer in model.layers if "dropout" in layer.name]


def test_widths_are_options():
    model = build_model(
        "deepfix", input_shape=(16, 16), inception=(4, 4, 8, 2, 2, 2), location_filters=8
    )
    assert model.get_layer("inception2").output.shape[-1] == 16
    assert model.get_layer("location2").output.shape[-1] == 8


@pytest.mark.slow
def test_the_receptive_field_at_stride_8(receptive_field):
    model = build_model(
        "deepfix",
        input_shape=(16, 1400),
        inception=(2, 2, 2, 2, 2, 2),
        location_filters=2,
    )
    zeroed = [model.get_layer(f"location{k}") for k in (1, 2)]
    for layer in zeroed:  # what it knows of the place is not what it sees
        layer._convolve = _without_maps(layer._convolve)
    assert receptive_field(model, model.output, 8, 1400) == 652


def _without_maps(convolve):
    return lambda values, kernel: convolve(values, kernel) * (values.shape[-1] != 16)


def test_a_constant_picture_is_seen_by_its_places_only():
    model = build_model("deepfix", input_shape=(64, 96))
    rng = np.random.default_rng(0)
    for layer in model.layers:  # centre taps only, so that borders are not seen
        if layer.weights:
            kernel, bias = layer.get_weights()
            middle = kernel.shape[0] // 2
            centre = np.zeros_like(kernel)
            centre[middle, middle] = rng.uniform(0, 2 / kernel.shape[2], kernel.shape[2:])
            layer.set_weights([centre, np.zeros_like(bias)])
    picture = np.ones((1, 64, 96, 3), np.float32)

    def found():
        values = np.asarray(model(picture, training=False))[0, ..., 0].astype(np.float64)
        return np.ptp(values) / values.max()

    assert found() > 1e-4
    for k in (1, 2):
        layer = model.get_layer(f"location{k}")
        kernel, bias = layer.get_weights()
        kernel[:, :, -16:] = 0
        layer.set_weights([kernel, bias])
    assert found() < 1e-6


def test_new_layers_start_narrow_and_the_trunk_does_not():
    model = build_model("deepfix", input_shape=(32, 32))
    for name in ("inception1_3x3", "location1", "location2"):
        kernel = np.asarray(model.get_layer(name).get_weights()[0])
        assert kernel.std() == pytest.approx(0.01, rel=0.1), name
    assert np.asarray(model.get_layer("block1_conv1").get_weights()[0]).std() > 0.03
