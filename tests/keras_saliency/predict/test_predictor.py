import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.predict.outputs import OneMap
from keras_saliency.predict.predictor import open_predictor

PICTURE = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)


def test_a_training_free_model_by_name():
    from keras_saliency import build_model

    wanted = build_model("spectral_residual").predict_map(PICTURE)
    found = open_predictor("spectral_residual").predict_map(PICTURE)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("engine", ["keras", "onnx"])
def test_an_engine_for_what_is_no_network_is_refused(engine):
    with pytest.raises(ConfigError, match="spectral_residual is no network: no engine runs it"):
        open_predictor("spectral_residual", engine=engine)


def test_an_engine_that_does_not_run_a_file_is_refused(tmp_path):
    from keras_saliency import build_model
    from keras_saliency.lite.adapt import Adaptation

    model = build_model("saliency_lite", engine="onnx")
    prior = model.settings.priors["photo"]
    fitted = Adaptation(model.settings.calibration(model.weights.calibrations), prior, 0, 0, 5)
    model.settings = model.settings.adapted(fitted)
    path = tmp_path / "mine.npz"
    model.save(path)
    found = open_predictor(str(path), engine="onnx").predict_map(PICTURE)
    np.testing.assert_allclose(found, model.predict_map(PICTURE), rtol=1e-4)
    with pytest.raises(ConfigError, match="is run by onnx, not by keras"):
        open_predictor(str(path), engine="keras")


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(ConfigError, match="spectral_residual"):
        open_predictor("spectral_residul")


def test_random_weights_never_predict_and_saved_ones_do(tmp_path):
    pytest.importorskip("keras")
    from keras_saliency import build_model

    with pytest.raises(ConfigError, match="random weights"):
        open_predictor("msi_net", input_shape=(32, 32))
    model = build_model("msi_net", input_shape=(32, 32), encoder="mobilenet")
    model.random_weights = False
    model.save(tmp_path / "mine.keras")
    found = open_predictor(str(tmp_path / "mine.keras")).predict_map(PICTURE)
    np.testing.assert_array_equal(found, model.predict_map(PICTURE))
    with pytest.raises(ConfigError):
        open_predictor(str(tmp_path / "none.keras"))


def test_a_fitted_estimator_predicts_from_its_file(tmp_path, folder_set):
    from keras_saliency import build_model

    model = build_model("sun_dog").fit(folder_set.truths())
    model.save(tmp_path / "sun.npz")
    found = open_predictor(str(tmp_path / "sun.npz")).predict_map(PICTURE)
    np.testing.assert_array_equal(found, model.predict_map(PICTURE))
    with pytest.raises(ConfigError, match=r"knows its options, got seed"):
        open_predictor(str(tmp_path / "sun.npz"), seed=1)
    np.savez(tmp_path / "odd.npz", a=np.zeros(2))
    with pytest.raises(InputError, match="written by nothing, expected one of centre_bias, edn"):
        open_predictor(str(tmp_path / "odd.npz"))


def test_a_plain_keras_network_is_told_what_it_lacks(tmp_path):
    keras = pytest.importorskip("keras")
    inputs = keras.Input((8, 8, 3))
    keras.Model(inputs, keras.layers.Conv2D(1, 3)(inputs)).save(tmp_path / "plain.keras")
    with pytest.raises(InputError, match=r"plain Keras network \(Functional\).*Front"):
        open_predictor(str(tmp_path / "plain.keras"))


def test_one_map_of_an_inpainting_network():
    pytest.importorskip("keras")
    options = {"input_shape": (32, 32), "allow_random_weights": True}
    four = open_predictor("inpainting_resnet101", **options)
    assert four.map_names == ("16", "32", "64", "128")
    with pytest.warns(UserWarning, match="random weights"):
        maps = four.predict_map(PICTURE)
    assert maps.shape == (40, 60, 4)
    for name, wanted in (("64", maps[..., 2]), ("mean", maps.mean(axis=-1))):
        with pytest.warns(UserWarning, match="random weights"):
            found = OneMap(four, name).predict_map(PICTURE)
        np.testing.assert_allclose(found, wanted, rtol=1e-5)
    one = open_predictor("inpainting_resnet101", transfer=True, **options)
    assert one.map_names == ()
