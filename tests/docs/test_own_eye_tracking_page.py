"""docs/own_eye_tracking.md: its commands and its Python run on generated exports."""

import csv
import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmark_kit.imaging.images import write_png

PAGE = Path(__file__).resolve().parents[2] / "docs" / "own_eye_tracking.md"
SIZE, SCREEN = (120, 160), (1920, 1080)  # height, width; width, height
PEOPLE = ("ann", "ben", "cem")


def write(path, header, rows, separator=","):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=separator).writerows([header, *rows])


@pytest.fixture
def desk(tmp_path):
    """A folder with the pictures and exports that the page speaks of."""
    rng = np.random.default_rng(0)
    report, tobii, samples = [], {"ann": [], "ben": []}, []
    for number in range(12):
        picture = rng.integers(90, 130, (*SIZE, 3), np.uint8)
        at = rng.uniform(0.25, 0.75, 2) * (SIZE[1], SIZE[0])
        x, y = at.astype(int)
        picture[y - 12 : y + 12, x - 12 : x + 12] = rng.integers(0, 256, (24, 24, 3), np.uint8)
        path = tmp_path / "pictures" / f"{number:02d}.png"
        path.parent.mkdir(exist_ok=True)
        write_png(path, picture)
        for who in PEOPLE:
            for k in range(6):
                place = at + rng.normal(0, 8, 2) if k % 3 else rng.uniform(9, 100, 2)
                x, y = np.add(place, ((SCREEN[0] - SIZE[1]) / 2, (SCREEN[1] - SIZE[0]) / 2))
                report.append((who, path.name, k + 1, 300 * k, 250, x, y))
                if who in tobii:
                    tobii[who].append((who, "r", path.name, "Fixation", k, 300 * k, 250, x, y))
                samples += [
                    (path.name, who, 300 * k + 4 * j, *rng.normal((x, y), 0.1)) for j in range(75)
                ]
    names = ("RECORDING_SESSION_LABEL", "image", "CURRENT_FIX_INDEX", "CURRENT_FIX_START")
    names += ("CURRENT_FIX_DURATION", "CURRENT_FIX_X", "CURRENT_FIX_Y")
    write(tmp_path / "fixation_report.txt", names, report, "\t")
    names = ("Participant name", "Recording name", "Presented Stimulus name", "Eye movement type")
    names += ("Eye movement type index", "Recording timestamp", "Gaze event duration")
    names += ("Fixation point X", "Fixation point Y")
    for who, rows in tobii.items():
        write(tmp_path / f"{who}.tsv", names, rows, "\t")
    write(tmp_path / "samples.csv", ("image", "subject", "ms", "x", "y"), samples)
    return tmp_path


def installed(name):
    return importlib.util.find_spec(name) is not None


@pytest.mark.slow
def test_the_page_leads_from_exports_to_a_score(desk):
    text = PAGE.read_text(encoding="utf-8")
    said = {}
    for line in re.findall(r"^\$ (salbench .*)$", text, flags=re.M):
        words = shlex.split(line)[1:]
        if "--detect" in words and not installed("pymovements"):
            continue
        code = "from benchmark_kit.cli import main; main()"
        command = [sys.executable, "-c", code, *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=desk)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        said[line] = done.stdout
    imports = {line.split("--out ")[1]: out for line, out in said.items() if " import " in line}
    assert "216 fixations of 3 subjects on 12 of 12 pictures" in imports["mine/"]
    assert "144 fixations of 2 subjects on 12 of 12 pictures" in imports["tobii/"]
    if installed("pymovements"):
        assert " of 3 subjects on 12 of 12 pictures" in imports["detected/"]
    assert (desk / "mine.html").stat().st_size > 20_000
    assert any("inter-observer" in out for out in said.values())


@pytest.mark.slow
def test_its_python_runs(desk, salbench, monkeypatch):
    if not installed("pandas"):
        pytest.skip("needs the extra gaze (pandas)")
    monkeypatch.chdir(desk)
    first = re.search(r"^\$ (salbench import .*)$", PAGE.read_text(encoding="utf-8"), flags=re.M)
    assert salbench(*shlex.split(first.group(1))[1:], cwd=desk).returncode == 0
    (block,) = re.findall(r"```py\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.S)
    names = {}
    exec(compile(block, PAGE.name, "exec"), names)
    assert len(names["frame"]) == 216
    assert (desk / "for_pysaliency" / "fixations.hdf5").is_file()
