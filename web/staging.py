"""The sources of the site in one folder: every page, and whatever a page links to.

The folder mirrors the repository, so that a link works in the site, on a plain git host and in an
editor alike.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAVIGATION = Path(__file__).with_name("navigation.toml")
FIRST = ("README.md", "CHANGELOG.md")
TOOL = "<!-- the tool: web/try/ -->"
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(r"\[([\w/.-]+\.md)\]\(([^)#\s]+\.md)\)")
FENCE = re.compile(r"^(```+).*?^\1`*$", re.M | re.S)


def sections() -> list[tuple[str, list[str]]]:
    """(caption, pages) of the navigation; pages are paths of the repository without suffix."""
    data = tomllib.loads(NAVIGATION.read_text(encoding="utf-8"))
    return [
        (section["caption"], [page for name in section["pages"] for page in _pages(name)])
        for section in data["sections"]
    ]


def _pages(name: str) -> list[str]:
    """A page, or those that a pattern names."""
    if "*" not in name:
        return [name]
    return sorted(p.relative_to(ROOT).with_suffix("").as_posix() for p in ROOT.glob(f"{name}.md"))


def links(page: Path) -> list[str]:
    """Targets of a page's links and pictures, those of code blocks left out."""
    return LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8")))


def linked_files(page: Path) -> set[Path]:
    """Files of the repository that a page links to."""
    targets = {target.partition("#")[0] for target in links(page) if ":" not in target}
    found = {(page.parent / target).resolve() for target in targets if target}
    return {file for file in found if file.is_file() and file.is_relative_to(ROOT)}


def stage(folder: Path, tool: str) -> None:
    """Copy the pages into a folder that is made anew.

    Args:
        folder: where to.
        tool: HTML that stands on a page in place of `TOOL`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    waiting = [ROOT / name for name in FIRST] + sorted((ROOT / "docs").rglob("*.md"))
    seen: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        place = folder / file.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
        if file.suffix == ".md":
            waiting += linked_files(file)
            text = file.read_text(encoding="utf-8").replace(TOOL, tool)
            text = NAMED.sub(partial(_titled, file), text)
            place.write_text(text, encoding="utf-8")


def _titled(page: Path, link: re.Match[str]) -> str:
    """A link named after its file, named after its page: files are what a git host shows."""
    text, target = link.groups()
    file = page.parent / target
    if file.name != Path(text).name or not file.is_file():
        return f"[{text}]({target})"
    title = re.search(r"^# (.+)$", file.read_text(encoding="utf-8"), flags=re.M)
    return f"[{title[1] if title else text}]({target})"
