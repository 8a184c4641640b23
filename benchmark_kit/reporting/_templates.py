"""Templates of pages: text of the data is escaped, and its unseen characters are written out."""

from __future__ import annotations

from functools import cache
from typing import Any

from benchmark_kit.errors import MissingExtra
from benchmark_kit.escaping import visible


@cache
def template(name: str, purpose: str) -> Any:
    """A template of `templates/`.

    Args:
        name: of its file.
        purpose: what it is needed for.

    Raises:
        MissingExtra: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise MissingExtra("report", purpose) from None
    environment = Environment(
        loader=PackageLoader("benchmark_kit.reporting"),
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def _printable(value: Any) -> Any:
    """Text with its unseen characters written out; markup of the template stays."""
    return visible(value) if type(value) is str else value
