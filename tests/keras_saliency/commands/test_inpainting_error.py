"""`salbench inpainting-error` from the command line."""

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
