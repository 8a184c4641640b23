"""JSON and TOML files, read whole into plain values."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import damage_of


def read_json(path: str | Path) -> Any:
    """The content of a JSON file in UTF-8.

    Raises:
        DamagedFile: not there, no JSON, or nested too deep.
    """
    with damage_of(path, "JSON file"):
        return json.loads(Path(path).read_text(encoding="utf-8"))


def read_toml(path: str | Path) -> dict[str, Any]:
    """The content of a TOML file in UTF-8.

    Raises:
        DamagedFile: not there, no TOML, or nested too deep.
    """
    with damage_of(path, "TOML file"):
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
