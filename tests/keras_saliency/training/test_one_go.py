import json

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model, load_model
from keras_saliency.training.one_go import refuse_settings, train_estimator


@pytest.fixture(scope="module")
def data(tmp_path_factory, make_folder_set):
    return make_folder_set(tmp_path_factory.mktemp("data"), images=10)


def test_an_estimator_is_saved_and_scored_on_what_it_has_not_seen(data, tmp_path):
    done = train_estimator(build_model("sun_dog"), data.truths(), tmp_path / "run")
    assert done.model == tmp_path / "run" / "sun_dog.npz"
    parts = json.loads((tmp_path / "run" / "split.json").read_text())["parts"]
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert [row["name"] for row in results["images"]] == sorted(parts["validate"])
    alone = build_model("sun_dog").fit(data.truths().subset(parts["train"]))
    picture = data.root / "stimuli" / f"{data.names[0]}.png"
    np.testing.assert_allclose(
        load_model(done.model).predict_map(picture), alone.predict_map(picture), rtol=1e-6
    )


def test_the_centre_bias_learns_too(data, tmp_path):
    done = train_estimator(build_model("centre_bias"), data.truths(), tmp_path / "run")
    assert done.results["folder"].metrics["nss"]["value"] is not None
    again = train_estimator(
        build_model("centre_bias"), data.truths(), tmp_path / "run", resume=True
    )
    assert again.results["folder"].metrics == done.results["folder"].metrics


def test_what_does_not_learn_is_refused(data, tmp_path):
    with pytest.raises(
        ConfigError, match=r"uniform does not learn: it is ready to predict \(kind: baseline"
    ):
        train_estimator(build_model("uniform"), data.truths(), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_with_a_run_is_refused(data, tmp_path):
    train_estimator(build_model("centre_bias"), data.truths(), tmp_path / "run")
    with pytest.raises(ConfigError, match="holds a run"):
        train_estimator(build_model("centre_bias"), data.truths(), tmp_path / "run")


def test_options_of_networks_are_refused_together():
    refuse_settings("judd", {"epochs": None, "trunks": (), "precision": "auto"})
    with pytest.raises(ConfigError, match="has no --trunk, --epochs"):
        refuse_settings("judd", {"epochs": 3, "trunks": ("imagenet",)})
