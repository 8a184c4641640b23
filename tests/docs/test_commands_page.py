"""docs/commands.md is what the commands say of themselves, and every command is on it."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"


def test_the_page_is_made_from_todays_commands():
    # in a process of its own: click keeps the help options of the first call
    command = [sys.executable, "-m", "benchmark_kit.cli._page"]
    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    fix = "run python -m benchmark_kit.cli._page > docs/commands.md"
    assert PAGE.read_text(encoding="utf-8") == made, fix


def test_every_entry_point_has_its_section():
    page = PAGE.read_text(encoding="utf-8")
    for entry in entry_points(group="benchmark_kit.commands"):
        assert f"## `salbench {entry.name}`" in page
