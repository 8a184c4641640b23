"""`dataset.toml` of a `folder` data set: how its values become pixels, and what is left out.

    pixels_per_degree = 32.0      # pixels of one degree of visual angle
    index_base = 1                # number of the first pixel in the table, 0 (default) or 1
    offset = [112.0, 0.0]         # x, y of the picture's upper left corner in the table's units
    scale = 0.75                  # units of the table per pixel of the picture
    subjects = ["a", "b"]         # observers to keep; the others are left out
    drop_first = true             # leave out each observer's first fixation
    dialect = "tuebingen"         # default dialect

    pixel = (value - index_base - offset) / scale

Every key is optional; a key that is not listed is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import read_toml
from benchmark_kit.datasets._reader import Defects

FILE = "dataset.toml"


@dataclass(frozen=True)
class Settings:
    """Content of a `dataset.toml`; without the file the defaults hold."""

    pixels_per_degree: float | None = None
    index_base: int = 0
    offset: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    subjects: tuple[str, ...] | None = None
    drop_first: bool = False
    dialect: str = "tuebingen"

    @property
    def changes_table(self) -> bool:
        """Whether anything here concerns rows of points, which binary maps do not have."""
        return self != Settings(pixels_per_degree=self.pixels_per_degree, dialect=self.dialect)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _known_dialect(value: Any) -> bool:
    from benchmark_kit.dialects import DIALECTS

    return isinstance(value, str) and value in DIALECTS


RULES: dict[str, tuple[str, Callable[[Any], bool], Callable[[Any], Any]]] = {
    "pixels_per_degree": ("a number above 0", lambda value: _number(value) and value > 0, float),
    "index_base": ("0 or 1", lambda value: type(value) is int and value in (0, 1), int),
    "offset": (
        "two numbers, [x, y]",
        lambda value: isinstance(value, list) and len(value) == 2 and all(map(_number, value)),
        lambda value: (float(value[0]), float(value[1])),
    ),
    "scale": ("a number above 0", lambda value: _number(value) and value > 0, float),
    "subjects": (
        "a list of observers as they stand in the table",
        lambda value: isinstance(value, list) and len(value) > 0,
        lambda value: tuple(str(subject) for subject in value),
    ),
    "drop_first": ("true or false", lambda value: isinstance(value, bool), bool),
    "dialect": ("the name of a dialect", _known_dialect, str),
}


def read_settings(root: Path, defects: Defects) -> Settings:
    """The settings of a folder; what is wrong in the file is noted."""
    path = root / FILE
    if not path.is_file():
        return Settings()
    try:
        content = read_toml(path)
    except DamagedFile as error:
        defects.add("E704", FILE, error.reason)
        return Settings()
    values = {}
    for key, value in content.items():
        if key not in RULES:
            defects.add("E704", FILE, f"an unknown key {key!r}", f"only {', '.join(RULES)}")
            continue
        expected, holds, cast = RULES[key]
        if holds(value):
            values[key] = cast(value)
        else:
            defects.add("E704", FILE, f"{key} = {value!r}", expected)
    return Settings(**values)
