"""Examples run; Python blocks of README and docs run; commands shown there exist with their
options.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.slow
def test_score_a_folder(tmp_path):
    command = [sys.executable, ROOT / "examples" / "score_a_folder.py", "--out", tmp_path / "o"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "inter-observer" in done.stdout
    assert (tmp_path / "o" / "results.json").is_file()
    assert (tmp_path / "o" / "rows.csv").read_text().count("\n") == 13


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_python_blocks_run(page, tmp_path, monkeypatch):
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (64, 48), (90, 120, 30)).save("photo.jpg")
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S)
    names: dict = {}
    for block in blocks:
        if block.startswith(("# benchmark_kit/", "# keras_saliency/")):
            continue  # a file to add, which the tests of docs/contributing.md do
        exec(compile(block, page.name, "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_commands_shown_exist(page):
    import click

    from benchmark_kit.cli import cli

    lines = re.findall(
        r"^\$ (salbench .*?)(?:\s+#.*)?$", page.read_text(encoding="utf-8"), flags=re.M
    )
    for line in lines:
        words = shlex.split(line)[1:]
        with click.Context(cli) as context:
            command = cli.get_command(context, words[0])
        assert command is not None, line
        if isinstance(command, click.Group):
            command = command.get_command(click.Context(command), words[1])
            assert command is not None, line
        known = {option for p in command.params for option in getattr(p, "opts", [])}
        used = {word.split("=")[0] for word in words if word.startswith("-")}
        assert used <= known, line


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_and_pictures_exist(page):
    for link in re.findall(r"\]\(([^):]+)\)", page.read_text(encoding="utf-8")):
        target, _, place = link.partition("#")
        found = page.parent / target if target else page
        assert found.exists(), link
        assert not place or place in _places(found), link


def _places(page):
    """What links may name in a page: its headings as GitHub writes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
