"""An example whose library is not installed says so in one line that ends with how to get it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = """
import runpy, sys
for name in {names!r}:
    sys.modules[name] = None
sys.argv = [{path!r}]
runpy.run_path({path!r}, run_name="__main__")
"""


@pytest.mark.parametrize(
    ("example", "library", "extra"),
    [
        ("compare_models_by_eye", "matplotlib", "report"),
        ("compare_two_models", "jinja2", "report"),
        ("compose_your_own", "keras", "tensorflow"),
        ("evaluate_on_gpus", "tensorflow", "tensorflow"),
        ("look_at_photographs", "matplotlib", "report"),
    ],
)
def test_it_ends_with_the_line_that_installs(example, library, extra, tmp_path):
    code = HIDDEN.format(names=[library], path=str(ROOT / "examples" / f"{example}.py"))
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()[-1:]
    assert line.endswith(f'[{extra}]"')
