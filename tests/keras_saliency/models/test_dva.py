"""DVA: the grid of each branch, the crops, the fusion."""

import numpy as np
import pytest

from keras_saliency import build_model


@pytest.fixture(scope="module")
def dva():
    return build_model("dva")


def test_branches_at_the_papers_size(dva):
    trunk = [dva.get_layer(f"block{k}_pool").output.shape[1] for k in (1, 2, 3, 4)]
    assert (dva.get_layer("block1_conv1").output.shape[1], *trunk) == (292, 146, 73, 37, 19)
    steps = [
        [dva.get_layer(f"branch{k}_deconv{step}").output.shape[1] for step in range(1, 6 - k)]
        for k in (1, 2, 3)
    ]
    assert steps == [[40, 82, 166, 334], [76, 154, 310], [148, 298]]
    scores = [dva.get_layer(f"branch{k}_score").output.shape[1] for k in (1, 2, 3)]
    assert scores == [332, 308, 296]
    assert [dva.get_layer(f"branch{k}_crop").offset for k in (1, 2, 3)] == [48, 40, 36]
    counts = [
        sum(layer.count_params() for layer in dva.layers if layer.name.startswith(f"branch{k}"))
        for k in (1, 2, 3)
    ]
    assert counts == [6_948_353, 2_753_537, 656_129]
    assert dva.get_layer("fuse").count_params() == 28


@pytest.mark.parametrize("size", [(160, 256), (97, 131)])
def test_four_maps_of_the_pictures_size(size):
    shapes = build_model("dva", input_shape=size).compute_output_shape((2, *size, 3))
    assert shapes == dict.fromkeys(("side1", "side2", "side3", "map"), (2, *size, 1))


def test_without_weights_all_is_one_half_and_biases_are_fused(set_weights, random_inputs):
    model = set_weights(build_model("dva", input_shape=(32, 48)), {})
    picture = random_inputs(model)
    for found in model(picture, training=False).values():
        np.testing.assert_array_equal(found, 0.5)
    set_weights(model, {f"branch{k}_score": (0.0, 0.3) for k in (1, 2, 3)} | {"fuse": (0.1, 0.0)})
    outputs = model(picture, training=False)
    np.testing.assert_allclose(outputs["side2"], 1 / (1 + np.exp(-0.3)), rtol=1e-6)
    inside = np.asarray(outputs["map"])[0, 1:-1, 1:-1, 0]
    np.testing.assert_allclose(inside, 1 / (1 + np.exp(-27 * 0.1 * 0.3)), rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("branch", [1, 2, 3])
def test_a_branchs_crop_lies_over_the_picture(branch, set_weights):
    # positive kernels: what answers to one bright pixel lies around that pixel
    model = build_model("dva", input_shape=(96, 96))
    for layer in model.layers:
        if layer.weights:
            kernel, bias = layer.get_weights()
            layer.set_weights([np.full_like(kernel, 1 / np.prod(kernel.shape[:-1])), 0 * bias])
    import keras

    tap = keras.Model(model.input, model.get_layer(f"branch{branch}_crop").output)
    picture = np.zeros((1, 96, 96, 3), np.float32)
    picture[0, 40:56, 40:56] = 1e4
    found = np.asarray(tap(picture, training=False))[0, ..., 0]
    for axis in (0, 1):
        profile = found.sum(axis=axis)
        middle = (profile * np.arange(96)).sum() / profile.sum()
        assert abs(middle - 47.5) < 4


def test_new_layers_start_as_in_the_released_model(dva):
    kernel, bias = dva.get_layer("branch1_deconv1").get_weights()
    np.testing.assert_allclose(kernel.std(), 0.01, rtol=0.01)
    np.testing.assert_allclose(bias, 0.1, rtol=1e-6)


def test_colours(dva):
    prepared, _ = dva.preprocess(np.full((50, 60, 3), (255, 0, 128), np.uint8))
    np.testing.assert_allclose(prepared[9, 9], [0, -128, 127], atol=1e-4)
