"""The default model under Keras: the same maps as without, training, fine-tuning, its counts."""

import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency import build_model
from keras_saliency.lite.adapt import Adaptation
from keras_saliency.lite.calibration import Calibration, mean_calibration
from keras_saliency.lite.model import SaliencyLite
from keras_saliency.lite.weights import shipped


@pytest.fixture(scope="module")
def network():
    return build_model("saliency_lite", engine="keras")


@pytest.fixture(scope="module")
def picture():
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (9, 12, 3)).astype(np.uint8)
    return np.kron(coarse, np.ones((12, 12, 1), np.uint8))


@pytest.mark.parametrize("options", [{}, {"dataset": "mit1003"}, {"gain": 0.8}])
def test_keras_and_onnx_runtime_give_the_same_log_density(network, picture, options):
    ours = build_model("saliency_lite", engine="keras", **options) if options else network
    wanted = SaliencyLite(**options).predict_log_density(picture)
    np.testing.assert_allclose(ours.predict_log_density(picture), wanted, atol=1e-4)
    upright = picture.transpose(1, 0, 2)
    wanted = SaliencyLite(**options).predict_log_density(upright, "uniform")
    np.testing.assert_allclose(ours.predict_log_density(upright, "uniform"), wanted, atol=1e-4)


def test_the_network_gives_the_density_that_predictions_show(network, picture):
    # on its own grid, under a uniform centre bias
    pixels, plan = network.preprocess(picture)
    bias = np.zeros((1, *plan.inner, 1), np.float32)
    unknown = np.array([[-1]], np.int32)
    found = np.asarray(network.predict_on_batch([pixels[None], bias, unknown]))[0, ..., 0]
    assert found.shape == (plan.inner[0] // 8, plan.inner[1] // 8)
    assert np.exp(found).sum() == pytest.approx(1, abs=1e-4)
    scores = network.scores_of(pixels[None])[0, ..., 0]
    grid = np.full(found.shape, -np.log(found.size))
    calibration = mean_calibration(shipped().calibrations.values())
    wanted = calibration.log_density(scores, grid)
    np.testing.assert_allclose(found, wanted, atol=2e-3)


def test_predictions_follow_what_the_calibration_has_learned(picture):
    model = build_model("saliency_lite", engine="keras")
    before = model.predict_log_density(picture)
    model.get_layer("calibration").set_calibrations([Calibration(3.0, 0.2, 0.5)] * 4)
    assert np.ptp(model.predict_log_density(picture)) < 0.8 * np.ptp(before)


def test_it_comes_trained_and_random_weights_are_asked_for(network):
    assert not network.random_weights
    assert network.trained_trunks
    assert build_model("saliency_lite", engine="keras", pretrained=False).random_weights
    with pytest.raises(ConfigError, match="pretrained=False"):
        build_model("saliency_lite", engine="keras", encoder="efficientnet_lite0")


def test_sides_that_are_no_multiples_of_32_are_refused():
    with pytest.raises(ConfigError, match=r"input_shape=\(96, 128\)"):
        build_model("saliency_lite", (70, 100), engine="keras")


def test_pictures_of_any_aspect_enter_a_network_of_one_frame(picture):
    model = build_model("saliency_lite", (64, 96), engine="keras")
    upright = picture.transpose(1, 0, 2)
    assert model.predict_map(upright).shape == upright.shape[:2]


ADAPTED_LOADS = """
import numpy as np
from pathlib import Path
from keras_saliency import load_model

folder = Path(folder)
picture, wanted = (np.load(folder / f"{name}.npy") for name in ("picture", "wanted"))
for suffix in (".keras", ".weights.h5"):
    found = load_model(folder / f"mine{suffix}").predict_log_density(picture)
    np.testing.assert_allclose(found, wanted, atol=1e-4)
"""


def test_what_was_adapted_is_saved_within_the_network_and_loads_without_its_file(
    tmp_path, picture, in_fresh_process
):
    lite = SaliencyLite(gain=0.9)
    prior = np.log(np.full((48, 64), 1 / 3072, np.float32))
    lite.settings = lite.settings.adapted(Adaptation(Calibration(3.0, 0.4, 0.5), prior, 0, 0, 5))
    lite.save(tmp_path / "mine.npz")
    model = build_model("saliency_lite", engine="keras", fitted=tmp_path / "mine.npz", gain=0.8)
    wanted = model.predict_log_density(picture)
    assert np.abs(wanted - SaliencyLite().predict_log_density(picture)).max() > 0.1
    model.save(tmp_path / "mine.keras")
    model.save_weights(tmp_path / "mine.weights.h5")
    (tmp_path / "mine.npz").unlink()
    np.save(tmp_path / "picture.npy", picture)
    np.save(tmp_path / "wanted.npy", wanted)
    in_fresh_process(
        ADAPTED_LOADS,
        folder=tmp_path,
    )


@pytest.mark.parametrize(
    "change",
    [{"calibration": [1.0, 2.0]}, {"calibration": [0, 1, 1]}, {"prior": "AAAA"}, {"prior": "?"}],
)
def test_an_adaptation_that_was_damaged_in_a_file_is_refused(change):
    settings = SaliencyLite().settings
    prior = np.log(np.full((48, 64), 1 / 3072, np.float32))
    adapted = settings.adapted(Adaptation(Calibration(3.0, 0.4, 0.5), prior, 0, 0, 5))
    assert settings.restored(adapted.record()).own == Calibration(3.0, 0.4, 0.5)
    with pytest.raises(InputError, match="damaged in this file"):
        settings.restored({**adapted.record(), **change})


def test_it_fine_tunes_on_a_handful_of_pictures():
    keras.utils.set_random_seed(0)
    model = build_model("saliency_lite", (64, 96), engine="keras")
    for layer in model.trunks[0].layers:
        layer.trainable = False
    from keras_saliency.losses import LogLikelihood

    model.compile(keras.optimizers.Adam(1e-3), LogLikelihood())
    rng = np.random.default_rng(0)
    pictures = rng.normal(0, 0.2, (4, 64, 96, 3)).astype(np.float32)
    counts = np.zeros((4, 8, 12, 1), np.float32)
    for k, column in enumerate((2, 4, 7, 9)):  # people look at the bright bar
        pictures[k, :, 8 * column : 8 * column + 8] += 1.5
        counts[k, :, column] = 1
    inputs = [
        pictures,
        np.full((4, 64, 96, 1), -np.log(64 * 96), np.float32),
        np.full((4, 1), -1, np.int32),
    ]
    before = model.evaluate(inputs, counts, verbose=0)
    model.fit(inputs, counts, batch_size=4, epochs=15, verbose=0)
    assert model.evaluate(inputs, counts, verbose=0) < before - 0.3
