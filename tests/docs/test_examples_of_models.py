"""The examples of models run, and give what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


def run(name, *arguments, cwd):
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / name), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_compose_your_own(tmp_path):
    said = run("compose_your_own.py", cwd=tmp_path)
    first, last = (float(word) for word in re.findall(r"\d+\.\d+", said))
    assert last < first
    assert "loaded again: the same maps: True" in said


def test_predict_photo(tmp_path):
    said = run("predict_photo.py", cwd=tmp_path)
    x, y = (int(said.split(f"{axis} ")[1].split(",")[0].split(";")[0]) for axis in "xy")
    # on the disc
    assert abs(x - 230) < 45
    assert abs(y - 150) < 45
    with Image.open(tmp_path / "saliency.png") as picture:
        assert picture.size == (640, 240)


def test_predict_photo_of_ones_own(tmp_path):
    Image.new("RGB", (90, 60), (10, 200, 30)).save(tmp_path / "mine.jpg")
    assert run("predict_photo.py", "mine.jpg", "out.png", cwd=tmp_path).startswith("90x60")
    assert (tmp_path / "out.png").is_file()


def test_compare_models_by_eye(tmp_path):
    Image.new("RGB", (90, 60), (10, 200, 30)).save(tmp_path / "mine.jpg")
    names = "itti,spectral_residual,image_signature,fine_grained,bms"
    said = run("compare_models_by_eye.py", "mine.jpg", "--models", names, cwd=tmp_path)
    assert said.startswith("5 models, 1 pictures")
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.width > 4 * 200
        assert len(picture.convert("L").getcolors()) > 20


@pytest.mark.slow
def test_compare_models_by_eye_on_displays(tmp_path):
    assert run("compare_models_by_eye.py", cwd=tmp_path).startswith("11 models, 2 pictures")
