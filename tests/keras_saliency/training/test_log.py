import csv
import sys
import types

from keras_saliency.training.log import COLUMNS, EventLog, write_log

ROW = {"epoch": 1, "loss": 0.123456789, "val_loss": None, "learning_rate": 1e-3, "images": 8}


def test_a_row_an_epoch_and_nothing_for_what_is_not_known(tmp_path):
    path = tmp_path / "log.csv"
    write_log(path, [ROW, {**ROW, "epoch": 2, "val_loss": 2.0}])
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == tuple(name for name in COLUMNS if name != "discriminator_loss")
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert [row["val_loss"] for row in rows] == ["", "2"]
    assert float(rows[0]["loss"]) == 0.123457
    assert rows[0]["images"] == "8"


def test_a_game_has_a_column_of_the_discriminator(tmp_path):
    path = tmp_path / "log.csv"
    write_log(path, [ROW, {**ROW, "loss": None, "discriminator_loss": 0.7}])
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["discriminator_loss"] for row in rows] == ["", "0.7"]
    assert rows[1]["loss"] == ""


def test_without_tensorboard_there_are_no_events(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    log = EventLog(tmp_path / "tensorboard")
    log.add(ROW)
    log.close()
    assert not list(tmp_path.iterdir())


def test_tensorboard_gets_what_is_known(tmp_path, monkeypatch):
    """Its writer is a stand-in here: `add_scalar(tag, data, step)`, as its documents have it."""
    seen = []

    class Writer:
        def __init__(self, folder):
            seen.append(folder)

        def add_scalar(self, tag, data, step):
            seen.append((tag, data, step))

        def flush(self):
            pass

        def close(self):
            seen.append("closed")

    module = types.ModuleType("tensorboard.summary")
    module.Writer = Writer
    monkeypatch.setitem(sys.modules, "tensorboard", types.ModuleType("tensorboard"))
    monkeypatch.setitem(sys.modules, "tensorboard.summary", module)
    log = EventLog(tmp_path / "events")
    log.add(ROW)
    log.close()
    assert seen[0] == str(tmp_path / "events")
    assert ("loss", ROW["loss"], 1) in seen
    assert "val_loss" not in [entry[0] for entry in seen[1:-1]]
    assert seen[-1] == "closed"
