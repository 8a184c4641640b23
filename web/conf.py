"""Sphinx' settings; `python web/build.py` makes the site with them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from staging import sections  # noqa: E402

from keras_saliency.version import __version__  # noqa: E402

project = "keras-saliency"
release = version = __version__
extensions = ["myst_parser"]
root_doc = "docs/index"
source_suffix = {".md": "markdown"}
exclude_patterns = ["LICENSE"]

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "fieldlist"]
suppress_warnings = ["myst.header"]  # docstrings begin below a page's headings
python_maximum_signature_line_length = 80
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = f"keras-saliency {__version__}"
html_favicon = str(Path(__file__).with_name("static") / "icon.svg")
html_static_path = [str(Path(__file__).with_name("static"))]
html_css_files = ["site.css"]
html_js_files = ["summaries.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}


def _navigation(app, name, source):
    """The tables of contents belong to the site alone: a git host would show them as code."""
    if name != root_doc:
        return
    for caption, pages in sections():
        entries = "\n".join(f"/{page}" for page in pages)
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{entries}\n```\n"


def setup(app):
    app.connect("source-read", _navigation)
