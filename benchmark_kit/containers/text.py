"""JSON and TOML, read whole into plain values."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import DamagedFile, damage_of


def read_json(path: str | Path, *, constants: bool = True) -> Any:
    """The content of a JSON file in UTF-8.

    Args:
        path: the file.
        constants: take NaN and Infinity, which JSON does not have and many programs write.

    Raises:
        DamagedFile: not there, no JSON, or nested too deep.
    """
    with damage_of(path, "JSON file"):
        return json.loads(_text(path), parse_constant=None if constants else _refuse)


def parse_json(text: str | bytes, name: str | Path) -> Any:
    """A value of JSON that is part of a file.

    Args:
        text: the value.
        name: the file, for messages.

    Raises:
        DamagedFile: no JSON, or nested too deep.
    """
    with damage_of(name, "JSON text"):
        return json.loads(text)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def read_toml(path: str | Path) -> dict[str, Any]:
    """The content of a TOML file in UTF-8.

    Raises:
        DamagedFile: not there, no TOML, or nested too deep.
    """
    with damage_of(path, "TOML file"):
        return tomllib.loads(_text(path))


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """The content of a text in TOML.

    Args:
        text: the whole text.
        name: where it comes from, for messages.

    Raises:
        DamagedFile: no TOML, or nested too deep.
    """
    with damage_of(name, "TOML file"):
        return tomllib.loads(text)


def _text(path: str | Path) -> str:
    """A file's text; some editors begin it with a mark of UTF-8."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DamagedFile(str(path), "no text in UTF-8", "save it as UTF-8") from None
