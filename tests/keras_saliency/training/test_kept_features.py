"""Layers that do not learn run once a picture; what is learned is the same."""

import json

import keras
import numpy as np
import pytest

from keras_saliency import build_model
from keras_saliency.base.array_file import read_arrays
from keras_saliency.data import Augmentation
from keras_saliency.training import run as run_module
from keras_saliency.training.freeze import freeze_layers
from keras_saliency.training.kept_features import KeptFeatures, keeping_features
from keras_saliency.training.recipe import stages
from keras_saliency.training.run import train
from keras_saliency.training.steps import Steps

STILL = ["conv1", "norm1"]


@pytest.fixture(autouse=True)
def _memory(monkeypatch):
    """As much as there is on no GPU."""
    monkeypatch.setattr("keras_saliency.training.kept_features.free_bytes", lambda: 2**30)


@pytest.fixture(scope="module")
def data(tmp_path_factory, make_folder_set):
    return make_folder_set(tmp_path_factory.mktemp("data"), images=12)


def ready(model, freeze):
    """Frozen and compiled, as a run has it."""
    freeze_layers(model, freeze)
    stages(model)[0].apply(model)
    model.optimizer.build(model.trainable_variables)
    return model


def batch(seed=0, count=3, side=32, grid=8):
    rng = np.random.default_rng(seed)
    pictures = rng.normal(0, 1, (count, side, side, 3)).astype(np.float32)
    return pictures, rng.random((count, grid, grid, 1)).astype(np.float32)


def test_steps_learn_and_judge_what_those_of_the_whole_network_do(tiny_network):
    kept = keeping_features(Steps(ready(tiny_network(), STILL)), None)
    plain = Steps(ready(tiny_network(), STILL))
    assert isinstance(kept, KeptFeatures)
    for seed in (0, 1, 0, 1):
        assert kept.learn(*batch(seed)) == pytest.approx(plain.learn(*batch(seed)), rel=1e-5)
    assert kept.judge(*batch(2)) == pytest.approx(plain.judge(*batch(2)), rel=1e-5)
    variables = zip(
        [*kept.model.variables, *kept.model.optimizer.variables],
        [*plain.model.variables, *plain.model.optimizer.variables],
        strict=True,
    )
    for found, wanted in variables:
        np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=1e-4, atol=1e-6)
    assert len(kept._kept) == 9, "three pictures of three batches"


def test_a_picture_passes_the_still_layers_once_and_a_full_memory_keeps_no_more(tiny_network):
    kept = keeping_features(Steps(ready(tiny_network(), STILL)), Augmentation(mirror=0.5))
    passes = []
    predict = kept._still.predict_on_batch
    kept._still.predict_on_batch = lambda given: passes.append(len(given)) or predict(given)
    pictures, targets = batch()
    kept.learn(pictures, targets)
    kept.learn(pictures[::-1], targets[::-1])
    assert passes == [1, 1, 1]
    kept.learn(pictures[:, :, ::-1], targets)
    assert len(passes) == 6, "mirrored it is another picture"
    kept.limit = kept.bytes
    for _ in range(2):
        kept.judge(*batch(7))
    assert len(passes) == 12
    assert len(kept._kept) == 6
    assert kept.bytes == 6 * 16 * 16 * 8 * 4


@pytest.mark.parametrize(
    ("freeze", "augment"),
    [
        ([], None),
        (["conv2"], None),  # after layers that learn
        (["conv1"], Augmentation(mirror=0.5, crop=0.8)),
        (["conv1"], Augmentation(mirror=0.0, brightness=0.1)),
    ],
)
def test_where_pictures_do_not_return_or_no_first_layer_stays_nothing_is_kept(
    tiny_network, freeze, augment
):
    steps = Steps(ready(tiny_network(), freeze))
    assert keeping_features(steps, augment) is steps


def test_where_free_memory_is_not_known_nothing_is_kept(tiny_network, monkeypatch):
    monkeypatch.setattr("keras_saliency.training.kept_features.free_bytes", lambda: None)
    steps = Steps(ready(tiny_network(), STILL))
    assert keeping_features(steps, None) is steps


def test_statistics_that_learn_and_chance_do_not_stay(tiny_network):
    def last_kept(freeze):
        kept = keeping_features(Steps(ready(tiny_network(), freeze)), None)
        return [tensor._keras_history.operation.name for tensor in kept._still.outputs]

    assert last_kept(["conv1"]) == ["conv1"], "norm1 learns"
    assert last_kept(["conv1", "norm1"]) == ["relu1"]
    assert last_kept(["conv*", "norm*"]) == ["relu2"], "dropout draws anew"


def test_of_features_that_are_joined_or_enlarged_the_smaller_ones_are_kept():
    inputs = keras.Input((8, 8, 3))
    small = keras.layers.Conv2D(4, 1, strides=2, name="still")(inputs)
    large = keras.layers.UpSampling2D(2)(small)
    both = keras.layers.Concatenate()([large, inputs])
    model = keras.Model(inputs, keras.layers.Conv2D(1, 1, name="learns")(both))
    model.get_layer("still").trainable = False
    model.compile("sgd", "mse")
    kept = keeping_features(Steps(model), None)
    assert {tensor.shape for tensor in kept._still.outputs} == {(None, 4, 4, 4), (None, 8, 8, 3)}
    pictures = np.random.default_rng(0).random((2, 8, 8, 3), np.float32)
    before = np.asarray(model.predict_on_batch(pictures))
    found = kept._rest.predict_on_batch(kept._features(pictures))
    np.testing.assert_allclose(found, before, atol=1e-6)


def test_scanpaths_drawn_anew_are_not_kept():
    model = ready(build_model("deepgaze3", encoder="mobilenet", input_shape=(64, 64)), ["trunk"])
    assert "history" in [tensor.name for tensor in model.inputs]
    steps = Steps(model)
    assert keeping_features(steps, None) is steps


def test_a_run_says_so_and_goes_on_to_the_same_bits(data, tiny_network, tmp_path, monkeypatch):
    said = []
    options = {"freeze": STILL, "epochs": 3}
    straight, stopped = tmp_path / "straight", tmp_path / "stopped"
    train(tiny_network(), data.truths(), straight, on_note=said.append, **options)
    assert any(text.startswith("layers that do not learn run once") for text in said)

    def killed(*arguments, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        real = run_module.Loop._end_epoch

        def second(loop, names):
            real(loop, names)
            if loop.position["epoch"] == 1:
                killed()

        patched.setattr(run_module.Loop, "_end_epoch", second)
        with pytest.raises(KeyboardInterrupt):
            train(tiny_network(), data.truths(), stopped, **options)
    train(tiny_network(), data.truths(), stopped, resume=True, **options)
    found, wanted = (read_arrays(folder / "last.npz") for folder in (stopped, straight))
    for name in set(wanted) - {"position"}:
        np.testing.assert_array_equal(found[name], wanted[name], err_msg=name)
    scores = [json.loads((folder / "results.json").read_text()) for folder in (stopped, straight)]
    assert scores[0]["metrics"] == scores[1]["metrics"]
