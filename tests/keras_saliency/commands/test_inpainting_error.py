"""`salbench inpainting-error` from the command line."""

import json

import numpy as np
from click.testing import CliRunner

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.images import write_png
from keras_saliency.commands.inpainting_error import command


def run(*arguments):
    return CliRunner().invoke(command, [str(part) for part in arguments])


def test_maps_and_views_are_written(tmp_path):
    (tmp_path / "in").mkdir()
    for k in range(2):
        write_png(tmp_path / "in" / f"{k}.png", np.full((20, 30, 3), 90 * k, np.uint8))
    out = tmp_path / "out"
    done = run(tmp_path / "in", "--out", out, "--scales", "128", "--limit", "1")
    assert done.exit_code == 0, done.output
    assert "1 of 1 pictures" in done.output
    assert sorted(p.name for p in (out / "views").iterdir()) == ["0.png"]
    again = run(tmp_path / "in", "--out", out, "--scales", "128", "--resume", "-q")
    assert again.exit_code == 0
    assert again.output == ""
    assert np.load(out / "maps/1.npy").shape == (512, 512, 1)


def test_wrong_options(tmp_path):
    (tmp_path / "in").mkdir()
    assert "64,128" in run(tmp_path / "in", "--out", tmp_path / "o", "--scales", "a").output
    done = run(tmp_path / "in", "--out", tmp_path / "o", "--weights", "w.h5")
    assert isinstance(done.exception, ConfigError)
    assert not (tmp_path / "o").exists()


def test_shape_and_sigma_of_the_holes(tmp_path):
    (tmp_path / "in").mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    write_png(tmp_path / "in" / "a.png", pixels)
    maps = {}
    for name, given in {
        "plain": [],
        "sharp": ["--sigma", "5px"],
        "round": ["--shape", "circle"],
    }.items():
        out = tmp_path / name
        done = run(tmp_path / "in", "--out", out, "--scales", "128", "-q", *given)
        assert done.exit_code == 0, done.output
        maps[name] = np.load(out / "maps/a.npy").astype(float)[..., 0]
    steps = {name: np.abs(np.diff(found, axis=0)).max() for name, found in maps.items()}
    assert steps["sharp"] > 2 * steps["plain"]
    assert np.abs(maps["round"] - maps["plain"]).max() > 0.02
    again = run(tmp_path / "in", "--out", tmp_path / "plain", "--shape", "circle", "--resume")
    assert "other settings (scales, shape)" in str(again.exception)
    old = json.loads((tmp_path / "plain/about.json").read_text())
    (tmp_path / "plain/about.json").write_text(
        json.dumps({k: v for k, v in old.items() if k != "shape"})
    )
    done = run(tmp_path / "in", "--out", tmp_path / "plain", "--scales", "128", "--resume", "-q")
    assert done.exit_code == 0, "a folder of before there were round holes"
    wrong = run(tmp_path / "in", "--out", tmp_path / "o", "--sigma", "wide")
    assert "not a width: 'wide'" in str(wrong.exception)
