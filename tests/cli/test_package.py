"""`salbench package`: from a folder of maps to the file, and what it says on the way."""

import json
import zipfile
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from benchmark_kit.cli import package as module
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.images import write_png

SIZES = ((16, 24), (24, 16), (20, 20))

PREDICTIONS = "benchmark_kit.scoring.predictions"


@pytest.fixture(scope="module")
def mit300(tmp_path_factory):
    """300 small images of several sizes, and smooth maps for them."""
    root = tmp_path_factory.mktemp("mit300")
    (root / "stimuli").mkdir()
    (root / "maps").mkdir()
    for k in range(1, 301):
        height, width = SIZES[k % 3]
        rng = np.random.default_rng(k)
        picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(picture).save(root / "stimuli" / f"i{k}.jpg")
        y, x = np.indices((height, width))
        top, left = rng.uniform(0.3, 0.7, 2) * (height, width)
        blob = np.exp(-((y - top) ** 2 + (x - left) ** 2) / 30) + 0.1 * rng.random((height, width))
        write_png(root / "maps" / f"i{k}.png", np.ceil(255 * blob / blob.max()).astype(np.uint8))
    return root


@pytest.fixture
def run(mit300):
    """Run the command on the stand-in."""

    def call(*arguments, maps=True):
        given = [mit300 / "maps"] if maps else []
        given += ["--leaderboard", "mit300", "--stimuli", mit300 / "stimuli", *arguments]
        return CliRunner().invoke(module.command, [str(one) for one in given])

    return call


def test_the_file_its_manifest_and_what_is_known_of_the_board(run, tmp_path):
    done = run("--out", tmp_path / "net.zip")
    assert done.exit_code == 0, done.output
    assert "300 maps of 'net' for MIT300" in done.stdout
    assert "every map is there" in done.stdout
    assert "open (2025-05)" in done.stderr
    assert "not checked" in done.stderr
    manifest = json.loads((tmp_path / "net.zip.manifest.json").read_text())
    assert manifest["file"]["sha256"] in done.stdout
    with zipfile.ZipFile(tmp_path / "net.zip") as archive:
        assert len(archive.namelist()) == 300


def test_quiet_says_nothing_but_the_result(run, tmp_path):
    done = run("--out", tmp_path / "net.zip", "--quiet", "--workers", 1)
    assert done.exit_code == 0, done.output
    assert "note:" not in done.stderr
    assert "read back" in done.stdout


def test_densities_on_a_grid(run, tmp_path):
    out = tmp_path / "net.hdf5"
    options = ("--kind", "densities", "--to-density", "sum", "--floor", "0.01", "--grid", "2^-14")
    done = run("--out", out, *options, "--workers", 1)
    assert done.exit_code == 0, done.output
    with h5py.File(out) as file:
        values = file["i7.jpg"][()].astype(np.float64)
        assert (values * 2**14 == np.round(values * 2**14)).all()
        assert values.min() >= np.log(0.01 / values.size) - 2.0**-14


def test_a_fit_is_made_used_and_kept(run, folder_set, tmp_path):
    out = tmp_path / "net.hdf5"
    done = run(
        "--out", out, "--kind", "densities", "--to-density", "fitted",
        "--fit-maps", folder_set.maps, "--dataset", "folder", "--root", folder_set.root,
        "--workers", 1,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "bits a fixation over uniform" in done.stderr
    kept = tmp_path / "net.hdf5.density.json"
    again = run("--out", tmp_path / "again.hdf5", "--kind", "densities", "--to-density", kept,
                "--workers", 1)  # fmt: skip
    assert again.exit_code == 0, again.output
    assert (tmp_path / "again.hdf5").read_bytes() == out.read_bytes()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--to-density", "fitted"), "--fit-maps"),
        (("--to-density", "sum", "--dataset", "osie"), "--to-density fitted"),
        (("--model", "net"), "either MAPS or --model"),
        (("--depth", "12"), "--depth"),
    ],
)
def test_options_that_do_not_go_together_are_usage_errors(run, tmp_path, options, text):
    done = run("--out", tmp_path / "net.zip", *options)
    assert done.exit_code == 2
    assert text in done.stderr


def test_no_maps_and_no_model_is_a_usage_error(run, tmp_path):
    assert run("--out", tmp_path / "net.zip", maps=False).exit_code == 2


def test_refused_maps_leave_nothing(run, mit300, tmp_path):
    stray = mit300 / "maps" / "i301.png"
    write_png(stray, np.eye(8, dtype=np.uint8))
    try:
        done = run("--out", tmp_path / "net.zip", "--workers", 1)
    finally:
        stray.unlink()
    assert isinstance(done.exception, InputError)
    assert {problem.code for problem in done.exception.problems} == {"E103"}
    assert list(tmp_path.iterdir()) == []


def entry(name, function):
    return SimpleNamespace(name=name, value=f"{name}:open_predictor", load=lambda: function)


def test_a_model_is_opened_through_its_entry_point(run, monkeypatch, tmp_path):
    def refuse(name):
        raise ConfigError(f"no model {name!r} here")

    def open_predictor(name):
        assert name == "blobs"

        def predict_map(path):
            with Image.open(path) as picture:
                width, height = picture.size
            y, x = np.indices((height, width))
            shift = int(path.stem[1:]) % 5
            return np.exp(-((y - height / 2) ** 2 + (x - width / 2 - shift) ** 2) / 40)

        return SimpleNamespace(predict_map=predict_map)

    offered = [entry("a", refuse), entry("b", open_predictor)]
    monkeypatch.setattr(f"{PREDICTIONS}.entry_points", lambda group: offered)
    done = run("--model", "blobs", "--out", tmp_path / "blobs.zip", "--workers", 1, maps=False)
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(tmp_path / "blobs.zip") as archive:
        assert len(archive.namelist()) == 300


@pytest.mark.parametrize(("offered", "text"), [([], "predict first"), (None, "no model 'x' here")])
def test_a_model_that_nobody_knows_is_named(run, monkeypatch, tmp_path, offered, text):
    def refuse(name):
        raise ConfigError(f"no model {name!r} here")

    known = [entry("a", refuse)] if offered is None else offered
    monkeypatch.setattr(f"{PREDICTIONS}.entry_points", lambda group: known)
    done = run("--model", "x", "--out", tmp_path / "x.zip", maps=False)
    assert isinstance(done.exception, ConfigError)
    assert text in str(done.exception)
