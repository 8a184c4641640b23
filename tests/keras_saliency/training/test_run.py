"""`train` from a data set to scores, stopped at every stage and gone on with."""

import csv
import importlib.util
import json
import resource
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

import keras

import benchmark_kit
from benchmark_kit.errors import ConfigError, InputError, RunFailed
from keras_saliency import build_model, load_model
from keras_saliency.base.array_file import read_arrays
from keras_saliency.data import Augmentation, batches, feeds
from keras_saliency.layers.standardize import Standardize
from keras_saliency.training import beginning
from keras_saliency.training import loop as loop_module
from keras_saliency.training import run as run_module
from keras_saliency.training.parts import divide
from keras_saliency.training.run import train
from keras_saliency.training.steps import Steps

PROGRAM = Path(__file__).with_name("train_tiny.py")
SPEC = importlib.util.spec_from_file_location(
    "tiny_network", Path(__file__).with_name("tiny_network.py")
)
TINY = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(TINY)


@pytest.fixture(scope="module")
def data(tmp_path_factory, make_folder_set):
    """Twelve generated pictures."""
    return make_folder_set(tmp_path_factory.mktemp("data"), images=12)


def rows_of(folder):
    with (folder / "log.csv").open(newline="") as file:
        return [(row["epoch"], row["loss"], row["val_loss"]) for row in csv.DictReader(file)]


def test_a_run_leaves_all_that_its_folder_promises(run, data, tmp_path):
    said = []
    done = run(on_note=said.append, augment=None)
    folder = tmp_path / "run"
    about = json.loads((folder / "run.json").read_text())
    settings = about["settings"]
    assert (settings["model"], settings["recipe"], settings["batch"]) == ("tiny", "quick", 4)
    assert settings["data"] == [data.truths().fingerprint]
    assert about["start"]["weights"].startswith("sha256:")
    assert about["versions"]["keras"] == keras.__version__
    assert json.loads((folder / "split.json").read_text())
    assert len(rows_of(folder)) == len(done.rows) == 2
    for name in ("curves.png", "last.npz", "best.keras", "results.json"):
        assert (folder / name).stat().st_size > 0
    assert done.finished
    found = json.loads((folder / "results.json").read_text())
    assert found["metrics"]["nss"]["value"] == done.results["folder"].metrics["nss"]["value"]
    assert said[0].startswith("folder: 12 pictures, 90/10")
    assert said[1].startswith("first batch:\n")
    assert [text.split(":")[0] for text in said if text.startswith("epoch")] == [
        "epoch 1/2",
        "epoch 2/2",
    ]


def test_the_best_network_predicts_as_the_trained_one(run, data, tiny_network, tmp_path):
    model = tiny_network()
    train(model, data.truths(), tmp_path / "run", epochs=1)
    picture = data.root / "stimuli" / f"{data.names[0]}.png"
    saved = load_model(tmp_path / "run" / "best.keras")
    np.testing.assert_allclose(saved.predict_map(picture), model.predict_map(picture), rtol=1e-5)


def test_one_seed_gives_one_run_and_another_gives_another(run, tmp_path, assert_same_run):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        run(name, epochs=1, seed_of_order=seed)
    assert_same_run(tmp_path / "a", tmp_path / "b")
    assert rows_of(tmp_path / "a") != rows_of(tmp_path / "c")
    parts = [(tmp_path / name / "split.json").read_text() for name in "ac"]
    assert parts[0] == parts[1], "pictures to judge by do not depend on the seed"


def test_stages_follow_one_another_each_with_its_layers_and_rates(run, data, tmp_path):
    said = []
    done = run("staged", recipe="staged", epochs=None, on_note=said.append)
    assert [row["epoch"] for row in done.rows] == [1, 2, 3, 4, 5]
    rates = [row["learning_rate"] for row in done.rows]
    np.testing.assert_allclose(rates, [0.01, 0.004, 0.01, 0.005, 0.0025], rtol=1e-5)
    assert [line for line in said if line.startswith("stage")] == ["stage last alone", "stage all"]
    assert done.best["epoch"] > 2, "of the last stage: losses of two stages cannot be compared"
    settings = json.loads((tmp_path / "staged" / "run.json").read_text())["settings"]
    assert settings["epochs"] == [2, 5]
    assert "mirror=0.5" in settings["augment"]


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_run_that_is_stopped_in_any_stage_goes_on_to_the_same_bits(
    run, tmp_path, after, assert_same_run
):
    run("straight", recipe="staged", epochs=None)

    def stop(line):
        if line.startswith(f"epoch {after}/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("stopped", recipe="staged", epochs=None, on_note=stop)
    run("stopped", seed=5, recipe="staged", epochs=None, resume=True)
    assert_same_run(tmp_path / "stopped", tmp_path / "straight")


def test_a_stage_that_freezes_leaves_its_layers_as_they_were(run, tiny_network, data, tmp_path):
    model = tiny_network(0)
    before = model.get_layer("conv1").get_weights()[0].copy()

    def stop(line):
        if line == "stage all":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(model, data.truths(), tmp_path / "run", recipe="staged", on_note=stop)
    np.testing.assert_array_equal(model.get_layer("conv1").get_weights()[0], before)


def test_one_stage_alone_is_run_with_its_own_constants(run, tmp_path):
    done = run("alone", recipe="staged", stage="all", epochs=None, batch=None)
    assert [row["learning_rate"] for row in done.rows] == pytest.approx([0.01, 0.005, 0.0025])
    settings = json.loads((tmp_path / "alone" / "run.json").read_text())["settings"]
    assert (settings["stage"], settings["epochs"], settings["batch"]) == ("all", 3, 3)
    with pytest.raises(ConfigError, match="no stage 'game'; it has: last alone, all"):
        run("other", recipe="staged", stage="game")


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_bits(run, data, tmp_path, assert_same_run):
    run("straight", epochs=12)
    command = [sys.executable, str(PROGRAM), "run", str(data.root), str(tmp_path / "run"), "12"]
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        wait_for(tmp_path / "run" / "log.csv", process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 1 <= len(rows_of(tmp_path / "run")) < 12, "it was killed in the midst"
    assert not (tmp_path / "run" / "results.json").exists()
    done = run("run", seed=8, epochs=12, resume=True)
    assert done.finished
    assert_same_run(tmp_path / "run", tmp_path / "straight")
    assert done.results["folder"].metrics["nss"]["value"] == pytest.approx(
        json.loads((tmp_path / "straight" / "results.json").read_text())["metrics"]["nss"]["value"]
    )


@pytest.mark.slow
def test_ctrl_c_is_one_line_and_status_130(data, tmp_path):
    arguments = ("--model", "tiny", "--epochs", "500", "--no-cache", "--precision", "float32")
    arguments += ("--dataset", "folder", "--root", str(data.root), "--out", str(tmp_path / "run"))
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), "train", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(tmp_path / "run" / "log.csv", process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    last = said.strip().splitlines()[-1]
    assert last.startswith(f"salbench: interrupted; {tmp_path / 'run'} keeps what was learned")
    assert last.endswith("the same command with --resume (resume=True) goes on")


def wait_for(path, process):
    for _ in range(6000):
        if path.exists():
            return
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.01)
    pytest.fail(f"{path} did not appear in a minute")


STAGES = {
    "the split": (run_module, "divide"),
    "batches": (run_module, "make_batches"),
    "the start": (beginning, "save_state"),
    "the first batch": (run_module, "describe_batch"),
    "a step": (Steps, "learn"),
    "validation": (Steps, "judge"),
    "the best network": (loop_module.BestNetwork, "write"),
    "a checkpoint": (loop_module, "save_state"),
    "the curves": (loop_module, "draw_curves"),
    "the scores": (run_module, "score_parts"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_ctrl_c_at_any_stage_leaves_a_folder_that_goes_on(
    run, straight, tmp_path, monkeypatch, stage, assert_same_run
):
    with monkeypatch.context() as patch:
        place, name = STAGES[stage]

        def stop(*_, **__):
            raise KeyboardInterrupt

        patch.setattr(place, name, stop)
        with pytest.raises(KeyboardInterrupt) as stopped:
            run()
        begun = (tmp_path / "run" / "run.json").exists()
        notes = " ".join(getattr(stopped.value, "__notes__", []))
        assert ("--resume" in notes) == begun
    done = run(seed=0 if not begun else 9, resume=True)
    assert done.finished
    assert_same_run(tmp_path / "run", straight)


def test_ctrl_c_while_an_epoch_ends_its_threads_is_not_lost(
    run, straight, tmp_path, monkeypatch, assert_same_run
):
    class Stopped(ThreadPoolExecutor):
        def shutdown(self, *arguments, **options):
            super().shutdown(*arguments, **options)
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(feeds, "ThreadPoolExecutor", Stopped)
        with pytest.raises(KeyboardInterrupt) as stopped:
            run()
    assert "--resume" in " ".join(stopped.value.__notes__)
    done = run(seed=9, resume=True)
    assert done.finished
    assert_same_run(tmp_path / "run", straight)


@pytest.fixture(scope="module")
def straight(undisturbed):
    """A run of two epochs that nothing disturbed."""
    return undisturbed(epochs=2)


@pytest.fixture
def finished(straight, tmp_path):
    """A copy of that run."""
    return Path(shutil.copytree(straight, tmp_path / "run"))


def test_a_finished_run_is_left_as_it_is(run, finished, straight, assert_same_run):
    before = (finished / "results.json").read_bytes()
    again = run(resume=True)
    assert again.finished
    assert [row["epoch"] for row in again.rows] == [1, 2]
    assert again.results["folder"].metrics == json.loads(before)["metrics"]
    assert (finished / "results.json").read_bytes() == before
    assert_same_run(finished, straight)


def test_time_that_is_up_is_said_and_scored(run, tmp_path):
    said = []
    done = run(epochs=50, minutes=1e-6, on_note=said.append)
    assert not done.finished
    assert done.results["folder"].metrics["nss"]["value"] is not None
    assert "are up in epoch 1/50" in said[-1]
    assert "--resume" in said[-1]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"epochs": 3}, "epochs: it began with 2, now 3"),
        ({"batch": 2}, "batch: it began with 4, now 2"),
        ({"recipe": "slow", "batch": 4}, 'recipe: it began with "quick", now "slow"'),
        ({"freeze": ("conv1",)}, r'freeze: it began with \[\], now \["conv1"\]'),
        ({"split": "70/30"}, 'split: it began with "90/10", now "70/30"'),
        ({"augment": Augmentation(mirror=0.5)}, "augment: it began with null"),
        ({"network": {"width": 4}}, "options: it began with {}"),
        ({"sigma": "3px"}, 'sigma: it began with null, now "3px"'),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_run_does_not_go_on_with_other_settings(
    run, finished, straight, changed, says, assert_same_run
):
    with pytest.raises(ConfigError, match=says):
        run(**{"resume": True, **changed})
    assert_same_run(finished, straight)


def test_a_run_does_not_go_on_with_other_data(finished, tiny_network, make_folder_set, tmp_path):
    other = make_folder_set(tmp_path / "other", images=12, seed=5).truths()
    with pytest.raises(ConfigError, match="data: it began with"):
        train(tiny_network(), other, finished, epochs=2, resume=True)


def test_a_checkpoint_that_is_damaged_is_told(run, finished):
    path = finished / "last.npz"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InputError, match=r"last\.npz"):
        run(resume=True)


@pytest.mark.parametrize("images", [1, 2])
def test_too_few_pictures_are_told(tiny_network, make_folder_set, tmp_path, images):
    truths = make_folder_set(tmp_path / "few", images=images).truths()
    with pytest.raises(ConfigError, match=r"leave none to judge by\. Fix: more pictures"):
        train(tiny_network(), truths, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_data_without_fixations_are_told(data, tiny_network, tmp_path):
    truths = data.truths()
    blind = replace(truths, images=tuple(replace(t, fixations=None) for t in truths))
    with pytest.raises(ConfigError, match=r"folder has no public fixations"):
        train(tiny_network(), blind, tmp_path / "run")


def test_a_picture_without_fixations_is_left_out(data, tiny_network, tmp_path):
    truths = data.truths()
    first, *others = truths
    some = replace(truths, images=(replace(first, fixations=None), *others))
    train(tiny_network(), some, tmp_path / "run", epochs=1)
    parts = json.loads((tmp_path / "run" / "split.json").read_text())["parts"]
    assert first.name not in [name for names in parts.values() for name in names]


def test_an_unknown_recipe_names_those_of_the_card(run, tmp_path):
    with pytest.raises(ConfigError, match=r"tiny has no recipe 'best'; its card has: quick, slow"):
        run(recipe="best")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("wrong", [{"epochs": -1}, {"batch": -2}, {"minutes": 0}])
def test_numbers_below_one_are_refused(run, wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        run(**wrong)


def test_a_network_of_ones_own_is_refused_with_a_way_out(data, tmp_path):
    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, keras.layers.Conv2D(1, 1)(inputs), name="mine")
    with pytest.raises(ConfigError, match=r"mine was not made by build_model.*batches"):
        train(model, data.truths(), tmp_path / "run")


def test_an_inpainter_is_refused(data, tmp_path):
    model = build_model("pconv_unet", input_shape=(128, 128))
    with pytest.raises(ConfigError, match="fills holes in pictures"):
        train(model, data.truths(), tmp_path / "run")


def test_several_data_sets_are_learned_together_and_scored_apart(
    data, tiny_network, make_folder_set, tmp_path
):
    other = make_folder_set(tmp_path / "other", images=10, seed=5).truths()
    done = train(tiny_network(), [data.truths(), other], tmp_path / "run", epochs=1)
    assert set(done.results) == {"folder", "folder2"}
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"results-folder.json", "results-folder2.json"} <= names
    assert {"split-folder.json", "split-folder2.json"} <= names
    assert done.rows[0]["images"] == 20


def test_a_full_disk_is_one_message_and_the_run_goes_on(
    run, straight, tmp_path, monkeypatch, assert_same_run
):
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    learn, calls = Steps.learn, []

    def fill(self, *arguments):
        calls.append(1)
        if len(calls) == 4:  # in the second epoch
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limit[1]))
        return learn(self, *arguments)

    monkeypatch.setattr(Steps, "learn", fill)
    try:
        with pytest.raises(RunFailed, match=r"cannot write .*Fix: make room"):
            run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert not list((tmp_path / "run").glob(".*")), "nothing half-written stays"
    assert len(read_arrays(tmp_path / "run" / "last.npz")) > 10
    run(resume=True)
    assert_same_run(tmp_path / "run", straight)


def test_frozen_layers_stay_as_they_were(data, tiny_network, tmp_path):
    model = tiny_network()
    before = [np.array(w) for w in model.get_layer("conv1").get_weights()]
    train(model, data.truths(), tmp_path / "run", epochs=1, freeze=["conv1", "norm1"])
    for wanted, found in zip(before, model.get_layer("conv1").get_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["settings"]["freeze"] == [
        "conv1",
        "norm1",
    ]


def test_features_are_standardised_at_the_beginning_and_kept_afterwards(data, tmp_path):
    def standards(model):
        return [
            np.array(weight)
            for layer in model.layers
            if isinstance(layer, Standardize)
            for weight in layer.get_weights()
        ]

    first = build_model("icf", input_shape=(64, 64))
    untouched = standards(first)
    train(first, data.truths(), tmp_path / "first", epochs=1, batch=4)
    learned = standards(first)
    assert any((a != b).any() for a, b in zip(learned, untouched, strict=True))
    tuned = build_model("icf", input_shape=(64, 64), weights=tmp_path / "first" / "best.keras")
    some = data.truths().subset(data.names[:8])
    train(tuned, some, tmp_path / "tuned", epochs=1, batch=4, split="75/25")
    for wanted, found in zip(learned, standards(tuned), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_the_centre_bias_of_the_training_part_goes_with_the_network(data, tmp_path):
    model = build_model("icf", input_shape=(64, 64), activation="softplus")
    train(model, data.truths(), tmp_path / "run", epochs=1, batch=4, split="75/25")
    learned = batches(divide(data.truths(), "75/25").train, model, loss=model.loss).centre_bias
    best = load_model(tmp_path / "run" / "best.keras")
    image = np.random.default_rng(0).integers(0, 256, (80, 120, 3)).astype(np.uint8)
    (bias,) = learned.values()
    found = best.predict_log_density(image)
    np.testing.assert_allclose(found, best.predict_log_density(image, bias), atol=0.05)
    assert np.abs(found - best.predict_log_density(image, "uniform")).max() > 0.5
    scores = json.loads((tmp_path / "run" / "results.json").read_text())["metrics"]
    judge = divide(data.truths(), "75/25").validate[0]
    file = str(tmp_path / "run" / "best.keras")
    wanted = benchmark_kit.evaluate(None, judge, model=file, log_density=True)
    assert scores["ig"]["value"] == wanted.value("ig"), "not ig_map: these are log densities"
