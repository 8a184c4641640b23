import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from keras_saliency.layers import ScanpathEncoding, ScanpathFeatures

CONFIGS = Path(__file__).resolve().parents[2] / "golden" / "configs"
NAN = float("nan")


def test_columns_and_rows_from_a_fixation_by_hand():
    history = np.array([[[1.0, 0.0], [NAN, NAN]]], "float32")
    picture = np.zeros((1, 2, 3, 3), "float32")
    found = np.asarray(ScanpathFeatures()([history, picture, picture]))
    assert found.shape == (1, 2, 3, 6)
    np.testing.assert_array_equal(found[0, :, :, 0], [[-1, 0, 1]] * 2)
    np.testing.assert_array_equal(found[0, :, :, 2], [[0] * 3, [1] * 3])
    np.testing.assert_allclose(found[0, 1, :, 4], [2**0.5, 1, 2**0.5], rtol=1e-6)
    assert (found[..., [1, 3, 5]] == 0).all(), "a fixation that does not exist"


def test_a_coarse_grid_takes_the_pixels_of_nearest_sampling():
    history = np.zeros((1, 1, 2), "float32")
    picture, grid = np.zeros((1, 8, 9, 3), "float32"), np.zeros((1, 2, 3, 1), "float32")
    found = np.asarray(ScanpathFeatures()([history, picture, grid]))
    np.testing.assert_array_equal(found[0, 0, :, 0], [0, 3, 6])
    np.testing.assert_array_equal(found[0, :, 0, 1], [0, 4])


def encoding(features, history, seed=0):
    layer = ScanpathEncoding(5)
    layer.build([features.shape, history.shape])
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    return layer


def test_missing_fixations_give_neither_weight_nor_bias():
    history = np.array([[[1, 2], [3, 1], [NAN, NAN], [0, 0]], [[NAN, NAN]] * 4], "float32")
    picture = np.zeros((2, 4, 6, 3), "float32")
    features = np.asarray(ScanpathFeatures()([history, picture, picture]))
    layer = encoding(features, history)
    kernel, bias = layer.get_weights()
    found = np.asarray(layer([features, history]))
    three = features[0].reshape(4, 6, 3, 4)
    wanted = sum(three[..., i] @ kernel[i] + bias[i] for i in (0, 1, 3))
    np.testing.assert_allclose(found[0], wanted, rtol=1e-4, atol=1e-4)
    assert (found[1] == 0).all()
    assert layer.count_params() == 4 * (3 * 5 + 5)


def test_training_gives_finite_gradients_where_fixations_are_missing():
    history, picture = keras.Input((4, 2)), keras.Input((6, 8, 3))
    features = ScanpathFeatures()([history, picture, picture])
    x = ScanpathEncoding(3, name="encoding")([features, history])
    model = keras.Model([history, picture], x)
    model.compile("sgd", "mse")
    past = np.array([[[1, 2], [NAN, NAN], [NAN, NAN], [NAN, NAN]]], "float32")
    before = [w.copy() for w in model.get_weights()]
    model.train_on_batch([past, np.zeros((1, 6, 8, 3))], np.ones((1, 6, 8, 3)))
    after = model.get_weights()
    assert all(np.isfinite(w).all() for w in after)
    assert (after[0][0] != before[0][0]).any()
    np.testing.assert_array_equal(after[0][1:], before[0][1:])


def test_a_model_with_a_scanpath_is_saved_and_loaded(tmp_path):
    history, picture = keras.Input((4, 2)), keras.Input((None, None, 3))
    features = ScanpathFeatures()([history, picture, picture])
    model = keras.Model([history, picture], ScanpathEncoding(3)([features, history]))
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    arrays = [np.ones((1, 4, 2), "float32"), np.zeros((1, 5, 6, 3), "float32")]
    np.testing.assert_array_equal(np.asarray(again(arrays)), np.asarray(model(arrays)))


@pytest.mark.parametrize("name", ["ScanpathEncoding", "ScanpathFeatures"])
def test_a_config_saved_long_ago_still_loads(name):
    saved = json.loads((CONFIGS / f"{name}.json").read_text())
    assert type(keras.saving.deserialize_keras_object(saved)).__name__ == name


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_keeps_its_type(policy):
    history = np.array([[[2.0, 1.0]] * 4], "float32")
    picture = np.zeros((1, 4, 6, 3), "float32")
    found = ScanpathFeatures(dtype=policy)([history, picture, picture])
    assert keras.backend.standardize_dtype(found.dtype) == policy.removeprefix("mixed_")
