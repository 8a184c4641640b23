"""Log densities of models with and without Keras, and what the kit makes of them."""

import numpy as np
import pytest

from benchmark_kit.calls.evaluate import evaluate
from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.demo.dataset import write_dataset
from keras_saliency.demo.displays import make_displays
from keras_saliency.predict.folder import predict_files
from keras_saliency.predict.outputs import LogDensities
from keras_saliency.predict.pictures import list_pictures

PICTURES = [np.random.default_rng(k).integers(0, 256, (40, 56, 3)).astype(np.uint8) for k in (0, 1)]


class Network:
    """Gives log densities of several pictures in one pass, as probabilistic networks do."""

    card = None

    def predict_log_density(self, image):
        return np.log(np.asarray(image, np.float64)[..., 0] + 1)

    def predict_log_densities(self, images):
        self.passes = 1
        return iter([self.predict_log_density(image) for image in images])


def test_log_densities_of_a_model_without_keras():
    model = build_model("saliency_lite", engine="onnx")
    wanted = [model.predict_log_density(picture) for picture in PICTURES]
    logs = LogDensities(model)
    np.testing.assert_array_equal(list(logs.predict_maps(PICTURES)), wanted)
    np.testing.assert_array_equal(logs.predict_map(PICTURES[0]), wanted[0])


def test_a_network_gives_those_of_several_pictures_in_one_pass():
    model = Network()
    wanted = [model.predict_log_density(picture) for picture in PICTURES]
    np.testing.assert_array_equal(list(LogDensities(model).predict_maps(PICTURES)), wanted)
    assert model.passes == 1
    np.testing.assert_array_equal(LogDensities(model).predict_map(PICTURES[0]), wanted[0])


def test_a_model_that_is_not_probabilistic_is_refused():
    with pytest.raises(ConfigError, match="gives no log densities"):
        LogDensities(build_model("bms"))


def test_a_folder_of_log_densities_scores_as_the_model_does(tmp_path):
    write_dataset(tmp_path / "set", make_displays(0)[:3], 0)
    pictures = list_pictures(tmp_path / "set" / "stimuli").files
    model = build_model("saliency_lite", engine="onnx")
    assert predict_files(model, pictures, tmp_path / "logs", depth="log") == []
    given = {"dataset": "folder", "root": tmp_path / "set", "log_density": True, "cache": False}
    given |= {"metrics": "nss,ig,auc,kl", "workers": 1, "bootstrap": 0}
    written = evaluate(tmp_path / "logs", **given).data["metrics"]
    predicted = evaluate(None, model="saliency_lite", **given).data["metrics"]
    assert {key: one["value"] for key, one in written.items()} == {
        key: one["value"] for key, one in predicted.items()
    }
    assert abs(written["ig"]["value"]) > 0.01
