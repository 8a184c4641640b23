"""JSON and TOML files, read whole into plain values."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import damage_of


def read_json(path: str | Path, *, constants: bool = True) -> Any:
    """The content of a JSON file in UTF-8.

    Args:
        path: the file.
        constants: take NaN and Infinity, which JSON does not have and many programs write.

    Raises:
        DamagedFile: not there, no JSON, or nested too deep.
    """
    with damage_of(path, "JSON file"):
        text = Path(path).read_text(encoding="utf-8")
        return json.loads(text, parse_constant=None if constants else _refuse)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def read_toml(path: str | Path) -> dict[str, Any]:
    """The content of a TOML file in UTF-8.

    Raises:
        DamagedFile: not there, no TOML, or nested too deep.
    """
    with damage_of(path, "TOML file"):
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
