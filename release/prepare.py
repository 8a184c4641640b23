"""A copy of the checkout as an index shall show it: links that lead somewhere, project addresses.

python release/prepare.py ADDRESS FOLDER

A README's links are relative, so that they work in any clone; an index has no neighbours to
link to. The address is the repository's (https://HOST/OWNER/NAME); no file of it needs to know it.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
DISTRIBUTIONS = (".", "keras-saliency-weights")
LINK = re.compile(r"(?P<shown>!?)(?P<text>\[[^\]]*\])\((?P<to>[^)\s]+)\)")
URLS = """
[project.urls]
Homepage = "{address}"
Documentation = "{address}/blob/{tag}/docs/index.md"
Changelog = "{address}/blob/{tag}/CHANGELOG.md"
Issues = "{address}/issues"

"""


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip().splitlines()[2])
    try:
        prepare(sys.argv[1].rstrip("/"), Path(sys.argv[2]))
    except ValueError as error:
        sys.exit(f"release: {error}")


def prepare(address: str, folder: Path) -> None:
    """Copy what is tracked, with absolute links and addresses.

    Raises:
        ValueError: an address that is none, a folder that is there, a link that leads nowhere, or
            versions that do not agree.
    """
    if urlsplit(address).scheme != "https" or not urlsplit(address).path.strip("/"):
        raise ValueError(f"{address!r} is no address of a repository: https://HOST/OWNER/NAME")
    if folder.exists():
        raise ValueError(f"{folder} is there. Fix: another folder, or delete it")
    tag = f"v{agreed_version()}"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    )
    for name in filter(None, listed.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    for place in DISTRIBUTIONS:
        readme, settings = (folder / place / name for name in ("README.md", "pyproject.toml"))
        text = readme.read_text(encoding="utf-8")
        readme.write_text(absolute(text, place, address, tag), encoding="utf-8")
        text = settings.read_text(encoding="utf-8")
        where = text.index("[tool.setuptools")
        urls = URLS.format(address=address, tag=tag).lstrip()
        settings.write_text(text[:where] + urls + text[where:], encoding="utf-8")


def agreed_version() -> str:
    """The version, which the citation repeats."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    if f"\nversion: {version}\n" not in (ROOT / "CITATION.cff").read_text(encoding="utf-8"):
        raise ValueError(f"CITATION.cff has another version than pyproject.toml ({version})")
    return version


def absolute(text: str, place: str, address: str, tag: str) -> str:
    """Markdown of a file in a folder of the checkout, its relative links led to the repository."""

    def replaced(found: re.Match[str]) -> str:
        to = found["to"]
        if urlsplit(to).scheme or to.startswith("#"):
            return found[0]
        path, hash_, part = to.partition("#")
        path = posixpath.normpath(posixpath.join(place, path))
        if not (ROOT / path).exists():
            raise ValueError(f"a README links to {path}, which is not there")
        kind = "raw" if found["shown"] else "blob"
        return f"{found['shown']}{found['text']}({address}/{kind}/{tag}/{path}{hash_}{part})"

    return LINK.sub(replaced, text)


if __name__ == "__main__":
    main()
