"""A recipe whose second stage is a game of two networks, in a run."""

import csv

import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency import load_model
from keras_saliency.base.array_file import read_arrays
from keras_saliency.training import loop as loop_module
from keras_saliency.training import run as run_module
from keras_saliency.training.game_steps import GameSteps

GAME = {"recipe": "game", "epochs": None, "network": {"whole": True}}


@pytest.fixture(scope="module")
def data(tmp_path_factory, make_folder_set):
    """Twelve generated pictures."""
    return make_folder_set(tmp_path_factory.mktemp("data"), images=12)


@pytest.fixture(scope="module")
def played(undisturbed):
    """A game that nothing disturbed."""
    return undisturbed(**GAME)


def table_of(folder):
    with (folder / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_it_follows_its_bootstrap(run, data, tmp_path):
    said = []
    assert run(**GAME, on_note=said.append).finished
    rows = table_of(tmp_path / "run")
    assert [row["discriminator_loss"] != "" for row in rows] == [False, True, True, True]
    assert all(float(row["loss"]) > 0 and float(row["val_loss"]) > 0 for row in rows)
    # of 11 pictures in batches of 3 each player has two
    assert [int(row["images"]) for row in rows] == [11] * 4
    assert "stage game" in said
    assert "discriminator" in said[-2]
    arrays = read_arrays(tmp_path / "run" / "last.npz")
    steps = [int(arrays[f"{player}optimizer/0000"]) for player in ("", "discriminator/")]
    assert steps == [6, 6]
    assert any(name.startswith("discriminator/model/") for name in arrays)
    picture = data.root / "stimuli" / f"{data.names[0]}.png"
    assert load_model(tmp_path / "run" / "best.keras").predict_map(picture).std() > 0


@pytest.mark.parametrize(
    ("place", "calls"),
    [(GameSteps, 1), (GameSteps, 6), (loop_module, 2), (run_module, 1)],
    ids=["the first turn", "the sixth turn", "its first epoch", "its beginning"],
)
def test_stopped_it_goes_on_to_the_same_weights(
    run, played, tmp_path, monkeypatch, place, calls, assert_same_run
):
    name = "learn" if place is GameSteps else "save_state"
    true, left = getattr(place, name), [calls]

    def stop(*arguments):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return true(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(loop_module, "BETWEEN", 0.0)  # a checkpoint after each step
        patch.setattr(place, name, stop)
        with pytest.raises(KeyboardInterrupt):
            run(**GAME)
    assert run(**GAME, resume=True).finished
    assert_same_run(tmp_path / "run", played)


def test_of_one_batch_an_epoch_the_discriminator_has_the_first(run, tiny_network, tmp_path):
    assert run(**{**GAME, "epochs": 1}, stage="game", batch=12).finished
    (row,) = table_of(tmp_path / "run")
    assert row["loss"] == ""
    assert float(row["discriminator_loss"]) > 0
    given = tiny_network(whole=True).get_weights()
    kept = load_model(tmp_path / "run" / "best.keras").get_weights()
    for found, wanted in zip(kept, given, strict=True):
        np.testing.assert_array_equal(found, wanted)
