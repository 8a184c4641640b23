import csv

import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from benchmark_kit.errors import RunFailed
from keras_saliency import load_model
from keras_saliency.training import health
from keras_saliency.training import loop as loop_module
from keras_saliency.training.checkpoint import load_state, variables_of
from keras_saliency.training.loop import Loop
from keras_saliency.training.run_folder import RunFolder
from keras_saliency.training.steps import Steps


@pytest.fixture
def start(tmp_path, tiny_network, array_batches):
    """A loop in its folder: `start(name, epochs)`; the position of a checkpoint goes on."""

    def begin(name="run", epochs=2, seed=0, batches=None, goes_on=False, **options):
        model = tiny_network(seed, recipe="quick")
        model.optimizer.build(model.trainable_variables)
        folder = RunFolder(tmp_path / name)
        folder.make()
        position = load_state(folder.last, variables_of(model)) if goes_on else None
        judge = array_batches(steps=1, seed=9)
        return Loop(
            Steps(model),
            batches or array_batches(),
            judge,
            folder,
            epochs,
            position=position,
            **options,
        )

    return begin


def weights(model):
    return [np.asarray(keras.ops.convert_to_numpy(v)) for v in model.variables]


def test_time_left_is_no_longer_than_the_minutes_that_are_given(start):
    said = []

    def note(text):
        said.append(text)
        loop._ends = 0.0  # the time is up

    loop = start(epochs=10**7, minutes=1, on_note=note)
    assert not loop.run()
    assert said[0].endswith(" s left")


def test_epochs_leave_a_log_curves_a_state_and_the_best_network(start, tmp_path):
    said = []
    loop = start(on_note=said.append)
    assert loop.run() is True
    with (tmp_path / "run" / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert [row["images"] for row in rows] == ["6", "6"]
    assert all(float(row["images_per_second"]) > 0 for row in rows)
    assert (tmp_path / "run" / "curves.png").is_file()
    assert len(said) == 2
    assert said[0].startswith("epoch 1/2: loss ")
    best = loop.position["best"]
    judged = [float(row["val_loss"]) for row in rows]
    assert best["val_loss"] == pytest.approx(min(judged), rel=1e-5)
    assert best["epoch"] == 1 + int(np.argmin(judged))
    pictures = loop.validation.arrays(0, 0)[0]
    network = load_model(tmp_path / "run" / "best.keras")
    assert network.random_weights is False
    assert np.asarray(network(pictures)).shape == (2, 8, 8, 1)


def test_the_best_network_has_its_validation_loss_and_no_optimizer(start, tmp_path):
    loop = start()
    loop.run()
    network = load_model(tmp_path / "run" / "best.keras")
    assert not network.compiled
    network.compile(loss=loop.model.loss)
    pictures, maps = loop.validation.arrays(0, 0)
    judged = network.test_on_batch(pictures, maps, return_dict=True)["loss"]
    assert float(judged) == pytest.approx(loop.position["best"]["val_loss"], rel=1e-5)


def test_time_that_is_up_inside_an_epoch_can_go_on_to_the_same_weights(
    start, tmp_path, array_batches
):
    two = array_batches(steps=2)
    straight = start("straight", batches=two)
    straight.run()
    stopped = start("stopped", batches=two, minutes=1e-9)
    assert stopped.run() is False
    assert (stopped.position["epoch"], stopped.position["step"]) == (0, 1)
    assert (tmp_path / "stopped" / "best.keras").is_file(), "what there is can be used"
    turns = 0
    while not stopped.run():
        turns += 1
        stopped = start("stopped", seed=5, batches=two, goes_on=True, minutes=1e-9)
    assert turns == 2
    for wanted, found in zip(weights(straight.model), weights(stopped.model), strict=True):
        np.testing.assert_array_equal(found, wanted)
    for wanted, found in zip(straight.position["rows"], stopped.position["rows"], strict=True):
        assert (wanted["loss"], wanted["val_loss"]) == (found["loss"], found["val_loss"])


def test_checkpoints_inside_an_epoch_come_after_their_time(start, monkeypatch):
    monkeypatch.setattr(loop_module, "BETWEEN", 0.0)
    loop, saved = start(epochs=1), []
    monkeypatch.setattr(loop, "save", lambda: saved.append(loop.position["step"]))
    loop.run()
    assert saved == [1, 2, 0], "the last step's is the epoch's own"


def test_a_loss_that_is_not_finite_stops_with_the_names_of_two_batches(start, array_batches):
    batches = array_batches()
    batches.spoiled[0, 1] = np.nan
    with pytest.raises(RunFailed) as stopped:
        start(batches=batches).run()
    text = str(stopped.value)
    assert "epoch 1, step 2: the loss is nan on picture 0.1.0, picture 0.1.1" in text
    assert "the step before learned from picture 0.0.0, picture 0.0.1" in text
    assert "Fix: leave these pictures out" in text


def test_weights_that_are_not_finite_stop_before_they_are_saved(start, tmp_path):
    loop = start(epochs=1)
    learn = loop.steps.learn

    def break_last(inputs, targets):
        loss = learn(inputs, targets)
        kernel = loop.model.get_layer("conv2").kernel
        kernel.assign(kernel * np.inf)
        return loss

    loop.batches.steps = 1
    loop.steps.learn = break_last
    with pytest.raises(RunFailed, match=r"epoch 1: weights are not finite \(conv2/kernel\)"):
        loop.run()
    assert not (tmp_path / "run" / "last.npz").exists()


def test_maps_that_stay_constant_stop_with_the_names(start, monkeypatch):
    monkeypatch.setattr(health, "ENOUGH", 3)
    loop = start(epochs=1)
    layer = loop.model.get_layer("last")
    for weight in (layer.kernel, layer.bias):
        weight.assign(np.zeros(weight.shape) - 1e6 * (weight is layer.bias))
    with pytest.raises(RunFailed, match=r"epoch 1: tiny gives a constant map .*picture 0\.0\.0"):
        loop.run()


def test_progress_counts_pictures(start):
    seen = []
    start(progress=lambda done, total: seen.append((done, total))).run()
    assert seen == [(2, 12), (4, 12), (6, 12), (8, 12), (10, 12), (12, 12)]


def test_a_full_disk_at_the_best_network_leaves_the_former_one(start, tmp_path, monkeypatch):
    loop = start(epochs=1)
    loop.run()
    before = (tmp_path / "run" / "best.keras").read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(loop.model), "save", full)
    with pytest.raises(RunFailed, match=r"cannot write .*best\.keras: No space left"):
        loop._best.write(loop.model)
    assert (tmp_path / "run" / "best.keras").read_bytes() == before
    assert not list((tmp_path / "run").glob(".*"))


def test_memory_that_is_full_names_the_way_out(start):
    loop = start()

    def full(*_, **__):
        raise ValueError("RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes")

    loop.model.train_on_batch = full
    with pytest.raises(RunFailed, match=r"memory is full\. Fix: a smaller --batch"):
        loop.run()
