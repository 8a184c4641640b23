import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_saliency.demo.run import MARKER, MODELS

PROGRAM = [sys.executable, "-c", "from benchmark_kit.cli import main; main()"]


def salbench(*arguments, cwd):
    return subprocess.run([*PROGRAM, *map(str, arguments)], cwd=cwd, capture_output=True, text=True)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """An empty folder in which `salbench demo` ran, and what it said."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, salbench("demo", cwd=folder)


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_it_says_what_it_made(demo):
    folder, done = demo
    assert done.returncode == 0, done.stderr
    for text in ("NSS", "inter-observer", "demo-results/pictures/overview.png", "simulated"):
        assert text in done.stdout
    assert [path.name for path in folder.iterdir()] == ["demo-results"]


def test_all_files_are_there(demo):
    out = demo[0] / "demo-results"
    stimuli = out / "dataset" / "stimuli"
    assert {path.name for path in (out / "maps").iterdir()} == set(MODELS)
    for maps in (out / "maps").iterdir():
        names = sorted(p.relative_to(maps) for p in maps.rglob("*.png"))
        assert names == sorted(p.relative_to(stimuli) for p in stimuli.rglob("*.png"))
        assert len(names) == 24
        for name in names:
            with Image.open(maps / name) as saliency, Image.open(stimuli / name) as stimulus:
                assert saliency.mode == "L"
                assert saliency.size == stimulus.size == (640, 480)
                assert np.asarray(saliency).max() == 255
    pictures = {path.stem for path in (out / "pictures").iterdir()}
    assert pictures == {"overview", "orientation", "colour", "size", "clutter"}
    for model in MODELS:
        with open(out / "results" / f"{model}.csv", newline="") as file:
            assert len(list(csv.DictReader(file))) == 24
    assert not list(out.glob("*.journal*"))


def test_the_data_set_says_that_nobody_looked(demo):
    assert "simulated observers" in (demo[0] / "demo-results/dataset/dataset.toml").read_text()


@pytest.mark.parametrize("name", MODELS)
def test_the_model_beats_chance_and_observers_beat_the_model(demo, name):
    data = json.loads((demo[0] / f"demo-results/results/{name}.json").read_text())
    model = {key: entry["value"] for key, entry in data["metrics"].items()}
    for key in ("auc", "sauc", "nss", "cc", "sim"):
        chance, best = (
            data["yardsticks"][kind][key]["value"] for kind in ("chance", "inter_observer")
        )
        assert chance < model[key] < best, key
    assert model["auc"] > 0.7
    assert model["nss"] > 1.5


def test_evaluate_gives_the_same_scores_from_the_files(demo):
    out = demo[0] / "demo-results"
    again, own = demo[0].parent / "again.json", out / "results" / f"{MODELS[1]}.json"
    done = salbench(
        *("evaluate", out / "maps" / MODELS[1], "--dataset", "folder", "--root", out / "dataset"),
        *("--out", again, "--no-cache", "-q", "--seed", "0"),
        cwd=demo[0],
    )
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(path.read_text()) for path in (own, again))
    assert first["images"] == second["images"]
    assert first["metrics"] == second["metrics"]


@pytest.mark.slow
def test_a_second_demo_replaces_the_first_and_keeps_what_is_not_its_own(demo):
    out = demo[0] / "demo-results"
    (out / "notes.txt").write_text("mine")
    before = contents(out)
    done = salbench("demo", "-q", cwd=demo[0])
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    after = contents(out)
    assert set(after) == set(before)
    changed = {path.name for path in before if before[path] != after[path]}
    assert changed <= {f"{model}.json" for model in MODELS}  # its time and seconds
    other = salbench("demo", "-q", "--seed", "1", cwd=demo[0])
    assert other.returncode == 0, other.stderr
    assert contents(out)[out / "notes.txt"] == b"mine"
    assert contents(out)[out / "dataset/fixations.csv"] != before[out / "dataset/fixations.csv"]


def test_a_folder_of_other_files_is_left_alone(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.png").write_bytes(b"precious")
    done = salbench("demo", "--out", "photos", cwd=tmp_path)
    assert done.returncode == 2
    assert "--out photos holds files that are not an earlier demo's" in done.stderr
    assert contents(tmp_path) == {tmp_path / "photos" / "one.png": b"precious"}


@pytest.mark.parametrize("place", ["maps/one.png", "dataset/stimuli/own/one.png"])
def test_own_files_among_the_demos_are_named(tmp_path, place):
    path = tmp_path / "results" / place
    path.parent.mkdir(parents=True)
    path.write_bytes(b"precious")
    (tmp_path / "results" / MARKER).write_text("")
    before = contents(tmp_path)
    done = salbench("demo", "--out", "results", cwd=tmp_path)
    assert done.returncode == 2
    assert str(Path("results") / place) in done.stderr
    assert contents(tmp_path) == before


def test_a_file_as_folder(tmp_path):
    (tmp_path / "taken").write_text("mine")
    done = salbench("demo", "--out", "taken", cwd=tmp_path)
    assert done.returncode == 2
    assert "--out taken is a file" in done.stderr
    assert (tmp_path / "taken").read_text() == "mine"


def test_the_module_imports_only_click():
    program = "import sys, keras_saliency.commands.demo as d; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    found = {name.split(".")[0] for name in done.stdout.split()}
    assert "click" in found
    assert not found & {"numpy", "scipy", "PIL", "h5py", "rich", "keras", "tensorflow"}
