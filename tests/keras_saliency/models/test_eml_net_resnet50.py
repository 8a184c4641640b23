"""EML-NET as in its repository: heads, nearest neighbours, two encoders under one decoder."""

import numpy as np
import pytest

from keras_saliency import build_model


@pytest.fixture(scope="module")
def model():
    return build_model("eml_net_resnet50", input_shape=(64, 96))


def count(layers):
    return sum(layer.count_params() for layer in layers)


def test_five_taps_and_their_heads(model):
    heads = [model.get_layer(f"output{k}_conv").kernel.shape for k in range(5)]
    assert heads == [(3, 3, channels, 1) for channels in (64, 256, 512, 1024, 2048)]
    assert count(model.get_layer(f"output{k}_conv") for k in range(5)) == 35_141
    assert count(model.get_layer(f"output{k}_bn") for k in range(5)) == 20
    assert count([model.get_layer("combined_conv"), model.get_layer("combined_bn")]) == 50
    assert model.get_layer("heads").output.shape[1:] == (32, 48, 5), "the stem's grid"


def test_a_second_size():
    assert build_model("eml_net_resnet50", input_shape=(256, 320)).output_shape[1:3] == (256, 320)


def test_the_last_resize_repeats_pixels(model, random_inputs):
    model.get_layer("combined_conv").bias.assign([0.3])
    found = np.asarray(model(random_inputs(model), training=False))[0, ..., 0]
    blocks = found.reshape(32, 2, 48, 2)
    np.testing.assert_array_equal(blocks[:, :1, :, :1] + 0 * blocks, blocks)
    assert np.ptp(found) > 0


def test_pictures_lie_in_0_to_1_without_a_mean(model):
    prepared, _ = model.preprocess(np.full((30, 40, 3), (255, 0, 51), np.uint8))
    np.testing.assert_allclose(prepared[5, 5], [1, 0, 0.2], atol=1e-6)


def test_maps_are_smoothed_on_the_frame(model):
    raw = np.zeros((64, 96), np.float32)
    raw[32, 48] = 1
    found = model.front.finish(raw, model.front.geometry.plan((64, 96), (64, 96)))
    assert (found.min(), found.max()) == (0, 255)
    line = found[32]
    np.testing.assert_allclose(line[53] / line[48], np.exp(-0.5), rtol=1e-4)  # sigma is 5


def test_two_encoders_under_a_decoder_of_235_weights():
    model = build_model("eml_net_resnet50_combined", input_shape=(32, 64), freeze="encoders")
    encoders = [model.get_layer(f"{prefix}_encoder") for prefix in ("img", "pla")]
    assert [encoder.count_params() for encoder in encoders] == [23_596_363] * 2
    assert model.count_params() - 2 * 23_596_363 == 235
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 213
    assert model.output_shape == (None, 32, 64, 1)
    assert [trunk.prefix for trunk in model.trunks] == ["img_", "pla_"]


@pytest.mark.slow
def test_the_second_stage_takes_encoders_and_their_heads_from_files_of_the_first(tmp_path):
    files, trained = [], []
    for name in ("img", "pla"):
        one = build_model("eml_net_resnet50", input_shape=(32, 32))
        one.save_weights(tmp_path / f"{name}.weights.h5")
        files.append(tmp_path / f"{name}.weights.h5")
        trained.append({layer.name: layer.get_weights() for layer in one.layers})
    both = build_model("eml_net_resnet50_combined", input_shape=(32, 32), backbone_weights=files)
    for trunk, held in zip(both.trunks, trained, strict=True):
        layers = [*trunk.layers, *trunk.heads]
        assert len(trunk.heads) == 12, "six convolutions, each normalised"
        for layer in layers:
            wanted = held[layer.name.removeprefix(trunk.prefix)]
            for a, b in zip(layer.get_weights(), wanted, strict=True):
                np.testing.assert_array_equal(a, b, err_msg=layer.name)
