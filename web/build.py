"""The site: `python web/build.py` (extra `docs`, and npm for the page that predicts).

Pages, API reference, the page's program and network, then Sphinx, for which a warning is an error.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parent
ROOT = WEB.parent
sys.path[:0] = [str(WEB), str(ROOT)]

REDIRECT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>keras-saliency</title>
<meta http-equiv="refresh" content="0; url=docs/index.html">
<p><a href="docs/index.html">keras-saliency</a></p></html>
"""


def build(out: Path, pages_alone: bool = False) -> None:
    """Make the site in a folder, which is emptied first.

    Args:
        out: the folder; its sources are put beside it.
        pages_alone: leave the program and the network of the page that predicts out.

    Raises:
        SystemExit: npm or Sphinx failed; what is wrong stands on the screen.
    """
    from api import write_pages
    from sphinx.cmd.build import build_main
    from staging import stage
    from tool import TOOL_PAGE, write_tool

    source = out.parent / f"{out.name}-source"
    shutil.rmtree(out, ignore_errors=True)
    stage(source, TOOL_PAGE.read_text(encoding="utf-8"))
    write_pages(source / "api")
    strict = ["-W", "--keep-going", "-q", "-E"]
    if failed := build_main([*strict, "-c", str(WEB), "-b", "html", str(source), str(out)]):
        sys.exit(failed)
    (out / "index.html").write_text(REDIRECT, encoding="utf-8")
    if not pages_alone:
        write_tool(out / "docs" / "try")
    print(f"the site is in {out}/index.html")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site", help="its folder")
    parser.add_argument("--pages", action="store_true", help="the pages alone, without npm")
    given = parser.parse_args()
    build(given.out.resolve(), given.pages)
