"""A copy of both packages, to which the examples of docs/contributing.md are added."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "contributing.md"


def examples(section):
    """{path: text} of the files that a section of the page shows."""
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```\w+\n# (\S+)\n(.*?)```", text, flags=re.DOTALL)
    assert blocks, f"no files in the section {section!r}"
    return {path: body.strip("\n") + "\n" for path, body in blocks}


class Copy:
    """The packages in a folder of their own.

    Args:
        root: where they lie.
    """

    def __init__(self, root):
        self.root = root
        for package in ("benchmark_kit", "keras_saliency"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / package, root / package, ignore=ignored)
        shutil.copytree(ROOT / "docs", root / "docs")
        shutil.copyfile(ROOT / "README.md", root / "README.md")

    def add(self, section):
        """Add a section's files: new ones whole, rows to the table of a page; the paths."""
        found = examples(section)
        for name, body in found.items():
            path = self.root / name
            if path.suffix != ".md":
                assert not path.exists(), f"{name} is there already"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(body, encoding="utf-8")
                continue
            lines = path.read_text(encoding="utf-8").splitlines()
            place = next(k for k, line in enumerate(lines) if line.startswith("| `"))
            path.write_text("\n".join([*lines[:place], *body.splitlines(), *lines[place:], ""]))
        return set(found)

    def python(self, code, **options):
        """Run a program on the copy; its standard output."""
        environment = {**os.environ, "PYTHONPATH": str(self.root), "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, "-c", code]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=self.root, env=environment, **options
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout

    def salbench(self, *arguments):
        """Run a command of the copy; its standard output."""
        words = json.dumps([str(argument) for argument in arguments])
        return self.python(f"from benchmark_kit.cli import main; main({words})")


@pytest.fixture(scope="session")
def page_files():
    """`page_files(section)`: {path: text} of the files that a section of the page shows."""
    return examples


@pytest.fixture
def copy(tmp_path):
    """Both packages in a temporary folder."""
    return Copy(tmp_path / "copy")
