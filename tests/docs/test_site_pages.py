"""Pages as the site needs them, checked without its generator: navigation, anchors, glossary."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "web"))

from staging import FENCE, linked_files, links, sections  # noqa: E402

LISTED = [page for _, pages in sections() for page in pages]
INDEX = ROOT / "docs" / "index.md"  # the root of the navigation
SOURCES = [INDEX, *(ROOT / f"{page}.md" for page in LISTED if not page.startswith("api/"))]
GLOSSARY = ROOT / "docs" / "glossary.md"
# what a term looks like in prose; "in front of" and "explained below" are no terms
TERMS = {
    "dialect": r"\bdialects?\b",
    "yardstick": r"\byardsticks?\b",
    "explained": r"\bcan be explained\b|\bexplainable\b",
    "tap": r"\btap(?:s|ped|ping)?\b",
    "front": r"(?<!\bin )\bfronts?\b",
}
HISTORY = {"CHANGELOG.md"}  # its lines stay as they were written


def name_of(page):
    return page.relative_to(ROOT).as_posix()


def anchors(page):
    """What links may name in a page: its headings as GitHub and the site write them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, flags=re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_stands_in_the_navigation_once():
    below_docs = {name_of(page) for page in (ROOT / "docs").rglob("*.md")}
    reached = {name_of(f) for page in SOURCES for f in linked_files(page) if f.suffix == ".md"}
    fix = "add it to web/navigation.toml"
    assert sorted((below_docs | reached) - {name_of(page) for page in SOURCES}) == [], fix
    assert sorted({page for page in LISTED if LISTED.count(page) > 1}) == []


@pytest.mark.parametrize("page", SOURCES, ids=name_of)
def test_every_link_and_anchor_of_a_page_resolves(page):
    dead = []
    for link in links(page):
        target, _, place = link.partition("#")
        if ":" in target:
            continue
        file = (page.parent / target).resolve() if target else page
        if not file.is_file() or (place and place not in anchors(file)):
            dead.append(link)
    assert dead == []


def test_the_house_has_the_terms_that_are_looked_for():
    text = GLOSSARY.read_text(encoding="utf-8")
    house = text.partition("\n## Terms of the house\n")[2].partition("\n## ")[0]
    assert {term.lower() for term in re.findall(r"^### (.+)$", house, flags=re.M)} == set(TERMS)


def prose(page):
    """A page's text without code, headings, comments and the targets of its links."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    text = re.sub(r"^#.*$|<!--.*?-->", "", text, flags=re.M | re.S)
    text = re.sub(r"(?<!\[)`[^`\n]+`(?!\])", "", text)
    return re.sub(r"\]\((?![^)]*glossary\.md#)[^)]*\)", "]", text)


@pytest.mark.parametrize(
    "page",
    [page for page in SOURCES if page != GLOSSARY and page.name not in HISTORY],
    ids=name_of,
)
@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_linked_where_it_first_stands(page, term):
    text = prose(page)
    linked = re.compile(rf"\[[^\]]*\]\([^)]*glossary\.md#{term}\)")
    first = linked.search(text)
    mentioned = re.search(TERMS[term], linked.sub(lambda m: " " * len(m[0]), text), flags=re.I)
    if mentioned:
        line = text.splitlines()[text[: mentioned.start()].count("\n")]
        assert first is not None, line
        assert first.start() < mentioned.start(), line
