"""Outputs that cannot be written are found before the first image is scored."""

import os

import pytest
from click.testing import CliRunner

import benchmark_kit
from benchmark_kit.calls import evaluate as api
from benchmark_kit.cli import evaluate as cli_evaluate
from benchmark_kit.errors import ConfigError
from benchmark_kit.scoring.journal import journal_path


@pytest.fixture
def unscored(folder_set, monkeypatch):
    """An evaluation that must not come to read anything."""

    def read(*_, **__):
        raise AssertionError("the data set was read first")

    monkeypatch.setattr(api, "read_truths", read)

    def run(**options):
        return benchmark_kit.evaluate(folder_set.maps, "folder", root=folder_set.root, **options)

    return run


@pytest.mark.parametrize("option", ["out", "csv"])
def test_an_output_that_cannot_be_is_refused_before_anything_is_read(unscored, tmp_path, option):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    for name, says in (
        ("folder", "is a folder"),
        ("fifo", "is a pipe"),
        ("no/r", "does not exist"),
        ("x" * 256, "cannot be written: File name too long"),
    ):
        with pytest.raises(ConfigError, match=says):
            unscored(force=True, **{option: tmp_path / name})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "fifo", "folder", "maps"]


@pytest.mark.parametrize("option", ["out", "csv"])
@pytest.mark.parametrize("place", ["", ".", "/", ".."])
def test_folders_without_a_name_are_refused_as_outputs(unscored, option, place):
    with pytest.raises(ConfigError, match=f"--{option} .* is a folder. Fix: the name of a file"):
        unscored(force=True, **{option: place})


def test_the_journals_place_is_looked_at_too(unscored, tmp_path):
    out = tmp_path / "r.json"
    # a name that is long enough for the results alone
    with pytest.raises(ConfigError, match=r"journal.*File name too long"):
        unscored(out=tmp_path / ("x" * 250))
    journal_path(out).write_text("left")
    with pytest.raises(ConfigError, match="unfinished run"):
        unscored(out=out)
    with pytest.raises(ConfigError, match="nothing to resume"):
        unscored(out=tmp_path / "other", resume=True)
    with pytest.raises(ConfigError, match="the same file"):
        unscored(out=tmp_path / "s.json", csv=tmp_path / "s.json.journal")
    assert journal_path(out).read_text() == "left"


def test_outputs_over_each_other_or_over_the_maps_are_refused(unscored, tmp_path, folder_set):
    (tmp_path / "link").symlink_to("r.json")
    for out, csv in (("r.json", "r.json"), ("r.json", "link"), ("link", "./r.json")):
        with pytest.raises(ConfigError, match="--out and --csv name the same file"):
            unscored(out=tmp_path / out, csv=tmp_path / csv, force=True)
    with pytest.raises(ConfigError, match="MAPS and --out name the same file"):
        unscored(out=folder_set.maps, force=True)


@pytest.mark.parametrize("option", ["out", "csv"])
def test_force_replaces_nothing_that_is_read(unscored, folder_set, option):
    read = [*folder_set.root.rglob("*.*"), *folder_set.maps.rglob("*.png")]
    before = {path: path.read_bytes() for path in read}
    assert {".png", ".csv"} <= {path.suffix for path in read}
    for path in read:
        with pytest.raises(ConfigError, match=f"--{option} .* would replace a file that is read"):
            unscored(force=True, **{option: path})
    for name in (folder_set.root / "r.json", folder_set.maps / "r.json"):
        name.write_text("results of before")  # may lie there
        with pytest.raises(AssertionError, match="was read first"):
            unscored(force=True, **{option: name})
    assert {path: path.read_bytes() for path in read} == before


def invoke(folder_set, *options):
    given = ["--dataset", "folder", "--root", str(folder_set.root), "--metrics", "nss", "-q"]
    given += ["--workers", "1", "--no-cache"]
    return CliRunner().invoke(cli_evaluate.command, [*given, *map(str, options)])


class Model:
    def __init__(self):
        self.asked = []

    def predict_map(self, path):
        from benchmark_kit.imaging.images import read_stimulus

        self.asked.append(path)
        return read_stimulus(path)[..., 0]


@pytest.fixture
def models(monkeypatch):
    """Models a, b and c, which count what they are asked."""
    known = {}

    def open_model(name, map_name=None):
        return known.setdefault(str(name), Model())

    monkeypatch.setattr("benchmark_kit.scoring.predictions.open_model", open_model)
    return known


def test_two_models_of_one_stem_are_refused_before_the_first_is_scored(
    folder_set, models, tmp_path
):
    for first, second in (("x/m.keras", "y/m.keras"), ("m.keras", "m.npz")):
        done = invoke(folder_set, "--model", first, "--model", second, "--out", tmp_path / "out")
        assert isinstance(done.exception, ConfigError)
        assert f"--model {first} and --model {second} name the same file" in str(done.exception)
    assert not (tmp_path / "out").exists()
    assert not any(model.asked for model in models.values())


def test_one_model_twice_is_refused_before_it_is_scored(folder_set, models):
    done = invoke(folder_set, "--model", "m", "--model", "m")
    assert isinstance(done.exception, ConfigError)
    assert "--model m is given twice" in str(done.exception)
    assert not any(model.asked for model in models.values())


@pytest.mark.parametrize("option", ["--out", "--csv"])
def test_files_of_all_models_are_looked_at_first(folder_set, models, tmp_path, option):
    (tmp_path / "file").write_text("mine")
    suffix = ".json" if option == "--out" else ".csv"
    (tmp_path / f"b{suffix}").mkdir()
    for place, says in ((tmp_path / "file", "is no folder"), (tmp_path, "is a folder")):
        done = invoke(folder_set, "--model", "a", "--model", "b", option, place, "--force")
        assert isinstance(done.exception, ConfigError)
        assert says in str(done.exception)
    assert not any(model.asked for model in models.values())


def test_several_models_go_on_where_they_were_stopped(folder_set, models, tmp_path):
    three = ("--model", "a", "--model", "b", "--model", "c", "--out", tmp_path / "r")
    done = invoke(folder_set, *three)
    assert done.exit_code == 0, done.output
    whole = [(tmp_path / "r" / f"{name}.json").read_bytes() for name in "abc"]
    assert len(whole) == 3
    done = invoke(folder_set, *three, "--resume")
    assert isinstance(done.exception, ConfigError)
    assert "nothing to resume" in str(done.exception)
    # b was being scored, c not begun
    for model in models.values():
        model.predict_map = None  # fails
    done = invoke(folder_set, *three, "--force")
    assert done.exception is not None
    (tmp_path / "r" / "b.json").unlink()
    models.clear()
    (tmp_path / "r" / "c.json").unlink()
    journal = tmp_path / "r" / "a.json.journal"
    assert journal.exists()
    done = invoke(folder_set, *three, "--resume")
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in (tmp_path / "r").iterdir()) == ["a.json", "b.json", "c.json"]
