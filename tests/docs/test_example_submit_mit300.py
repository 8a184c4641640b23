"""The example of a submission runs and leaves a package for each kind."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_submit_mit300(tmp_path):
    command = [sys.executable, ROOT / "examples" / "submit_mit300.py", "--out", tmp_path / "o"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "0 problems" in done.stdout
    assert "every map is there" in done.stdout
    assert "every density is there to the bit" in done.stdout
    made = {path.name for path in (tmp_path / "o").iterdir() if path.is_file()}
    assert made == {f"centre.{e}{m}" for e in ("zip", "hdf5") for m in ("", ".manifest.json")}
