"""The calls that every network has, on a small one."""

import keras
import numpy as np
import pytest
from PIL import Image

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency import build_model, load_model
from keras_saliency.base import saliency_model
from keras_saliency.base.saliency_model import SaliencyModel

SIZE = (16, 24)


@pytest.fixture(scope="module")
def network():
    """MSI-Net at its smallest, told that its weights are trained."""
    keras.utils.set_random_seed(0)
    model = build_model("msi_net", input_shape=SIZE)
    model.random_weights = False
    return model


def picture(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def test_a_path_an_image_and_an_array_give_the_same_map(network, tmp_path):
    pixels = picture(30, 41)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    maps = [
        network.predict_map(given)
        for given in (
            *(pixels, pixels / 255, pixels.astype(float), Image.fromarray(pixels)),
            *(tmp_path / "a.png", str(tmp_path / "a.png")),
        )
    ]
    assert maps[0].shape == (30, 41)
    for found in maps[1:]:
        np.testing.assert_array_equal(found, maps[0])


def test_a_map_is_the_networks_output_on_the_prepared_picture(network):
    pixels = picture(*SIZE)
    prepared, plan = network.preprocess(pixels)
    np.testing.assert_allclose(prepared, pixels - np.array([103.939, 116.779, 123.68]), atol=1e-4)
    assert plan.inner == SIZE
    raw = np.asarray(network(prepared[None], training=False))[0, ..., 0]
    np.testing.assert_allclose(network.predict_map(pixels), raw, atol=1e-5)


def test_alpha_is_ignored_and_gray_is_three_equal_channels(network):
    pixels = picture(20, 30)
    alpha = np.concatenate([pixels, np.full((20, 30, 1), 7, np.uint8)], -1)
    np.testing.assert_array_equal(network.predict_map(alpha), network.predict_map(pixels))
    gray = pixels[..., 0]
    three = np.repeat(gray[..., None], 3, -1)
    np.testing.assert_array_equal(network.predict_map(gray), network.predict_map(three))


def test_many_pictures_come_back_in_order_whatever_their_sizes(network):
    sizes = [(30, 41), (16, 24), (9, 70), (16, 24), (50, 20)]
    pictures = [picture(*size, seed=k) for k, size in enumerate(sizes)]
    alone = [network.predict_map(one) for one in pictures]
    for batch_size in (1, 2, 8):
        maps = list(network.predict_maps(iter(pictures), batch_size=batch_size))
        assert [found.shape for found in maps] == sizes
        for found, wanted in zip(maps, alone, strict=True):
            np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_pictures_of_many_frames_go_in_runs_of_one_size():
    ready = [(np.zeros(shape), None) for shape in ((2, 3), (2, 3), (3, 2), (2, 3))]
    runs = [[item[0].shape for item in run] for run in saliency_model._of_one_size(ready)]
    assert runs == [[(2, 3), (2, 3)], [(3, 2)], [(2, 3)]]


def test_no_pictures_no_maps(network):
    assert list(network.predict_maps([])) == []


def test_normalised_maps_fill_0_to_1(network):
    found = network.predict_map(picture(30, 40), normalize=True)
    assert (found.min(), found.max()) == (0, 1)


def test_max_side_scales_larger_pictures_down_first(network):
    assert network.predict_map(picture(40, 80), max_side=20).shape == (10, 20)
    assert network.predict_map(picture(10, 12), max_side=20).shape == (10, 12)
    assert network.predict_map(picture(1, 200), max_side=20).shape == (1, 20)


def test_a_huge_picture_is_warned_of(network, monkeypatch):
    monkeypatch.setattr(saliency_model, "LARGE", 100)
    with pytest.warns(UserWarning, match=r"40x30.*max_side"):
        network.preprocess(picture(30, 40))


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        ("no such file.png", ConfigError, "there is no picture"),
        (np.zeros((4, 5, 2), np.uint8), InputError, "shape"),
        (np.zeros((2, 4, 5, 3), np.uint8), InputError, "predict_maps"),
        (np.full((4, 5), np.nan), InputError, "floats"),
        (np.full((4, 5), -3.0), InputError, "prepared for a network"),
        (np.zeros((0, 5), np.uint8), InputError, "without pixels"),
    ],
)
def test_what_is_no_picture(network, image, error, message):
    with pytest.raises(error, match=message):
        network.predict_map(image)


class TestRandomWeights:
    """The warning that maps say nothing, and what ends it."""

    @pytest.fixture
    def fresh(self):
        return build_model("msi_net", input_shape=SIZE)

    def silent(self, model):
        model.predict_map(picture(8, 8))  # warnings are errors

    def test_they_are_warned_of(self, fresh):
        with pytest.warns(UserWarning, match=r"msi_net has random weights.*load_weights, or fit"):
            fresh.predict_map(picture(8, 8))

    def test_fitting_ends_it(self, fresh):
        fresh.compile(optimizer="sgd", loss="mse", run_eagerly=True)
        fresh.fit(np.zeros((1, *SIZE, 3)), np.zeros((1, *SIZE, 1)), verbose=0)
        self.silent(fresh)

    @pytest.mark.slow
    def test_loading_weights_ends_it_and_a_saved_model_remembers(self, fresh, tmp_path):
        fresh.save_weights(tmp_path / "w.weights.h5")
        fresh.save(tmp_path / "random.keras")
        fresh.load_weights(tmp_path / "w.weights.h5")
        self.silent(fresh)
        fresh.save(tmp_path / "trained.keras")
        self.silent(load_model(tmp_path / "trained.keras"))
        assert load_model(tmp_path / "random.keras").random_weights
        built = build_model("msi_net", input_shape=SIZE, weights=tmp_path / "w.weights.h5")
        self.silent(built)


def test_the_entry_is_what_is_saved(network, tmp_path):
    assert network.entry == {"name": "msi_net", "options": {"input_shape": SIZE}}
    network.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")  # Keras' own call knows it too
    assert isinstance(again, SaliencyModel)
    assert again.entry == network.entry
    assert again.front == network.front


def test_an_encoder_of_ones_own_is_saved_with_the_model(tmp_path):
    inputs = keras.Input((None, None, 3))
    x = inputs
    for k, width in enumerate((3, 4, 5, 6, 7)):
        x = keras.layers.Conv2D(width, 3, strides=2, padding="same", name=f"own_{k}")(x)
    model = build_model("msi_net", input_shape=(32, 32), encoder=keras.Model(inputs, x, name="own"))
    model.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    prepared = np.random.default_rng(0).random((1, 32, 32, 3)).astype(np.float32)
    np.testing.assert_array_equal(
        again(prepared, training=False), np.asarray(model(prepared, training=False))
    )


def test_a_network_that_build_model_did_not_make_cannot_be_saved_whole(tmp_path):
    inputs = keras.Input((4, 4, 3))
    model = SaliencyModel(inputs, keras.layers.ReLU()(inputs))
    with pytest.raises(ValueError, match=r"not made by build_model.*save_weights"):
        model.get_config()


def test_layers_that_were_frozen_are_frozen_when_built_again():
    model = build_model("ml_net", input_shape=(80, 80), encoder="mobilenet")
    held = [layer for layer in model.layers if layer.weights]
    held[0].trainable, held[-1].trainable = False, True
    held[3].trainable = not held[3].trainable
    again = SaliencyModel.from_config(model.get_config())
    flags = [layer.trainable for layer in again.layers if layer.weights]
    assert flags == [layer.trainable for layer in held]
    older = {k: v for k, v in model.get_config().items() if k != "frozen"}
    assert SaliencyModel.from_config(older).count_params() == model.count_params()
