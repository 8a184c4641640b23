"""docs/commands.md is what the commands say of themselves, and every command is on it."""

from importlib.metadata import entry_points
from pathlib import Path

from benchmark_kit.cli._page import commands_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"


def test_the_page_is_made_from_todays_commands():
    fix = "run python -m benchmark_kit.cli._page > docs/commands.md"
    assert PAGE.read_text(encoding="utf-8") == commands_page(), fix


def test_every_entry_point_has_its_section():
    page = PAGE.read_text(encoding="utf-8")
    for entry in entry_points(group="benchmark_kit.commands"):
        assert f"## `salbench {entry.name}`" in page
