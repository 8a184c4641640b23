"""How the commands of this package read an option of a model."""

from __future__ import annotations

from typing import Any

import click


def option_of(text: str) -> tuple[str, Any]:
    """NAME=VALUE; a value that reads as a number, truth value or list is one."""
    import ast

    name, separator, value = text.partition("=")
    if not separator:
        raise click.BadParameter(f"{text!r}: write NAME=VALUE", param_hint="--option")
    try:
        return name.strip(), ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name.strip(), value
