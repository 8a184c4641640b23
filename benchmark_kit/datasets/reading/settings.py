"""`dataset.toml` of a `folder` data set: how its values become pixels, and what is left out.

    units = "pixels"              # "pixels" (default), "normalised" (shares of the sides, 0 to 1)
                                  # or "degrees" (of visual angle, from the picture's centre)
    pixels_per_degree = 32.0      # pixels of one degree of visual angle
    index_base = 1                # number of the first pixel in the table, 0 (default) or 1
    offset = [112.0, 0.0]         # x, y taken off first, in the table's units
    scale = 0.75                  # then divided by: units of the table per pixel of the picture
    scale = [0.75, -1]            # or for x and y apart; below 0 where an axis points the other way
    screen = [1920, 1080]         # values count on a screen with the picture centred on it; [0, 0]:
                                  # from the picture's centre
    swap_xy = true                # the column x holds rows, and y columns
    subjects = ["a", "b"]         # observers to keep; the others are left out
    drop_first = true             # leave out each observer's first fixation
    dialect = "tuebingen"         # default dialect

    pixels      pixel = (value - index_base - offset - (screen - scale * side) / 2) / scale
                without a screen: pixel = (value - index_base - offset) / scale
    normalised  pixel = (value - offset) / scale * side
                with a screen: (value - offset) / scale * screen - (screen - side) / 2
    degrees     pixel = (value - offset) / scale * pixels_per_degree + side / 2

`side` is the picture's width or height. Every key is optional; a key that is not listed is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import read_toml
from benchmark_kit.datasets.reading.reader import Defects, shown

if TYPE_CHECKING:
    import numpy as np

FILE = "dataset.toml"
UNITS = ("pixels", "normalised", "degrees")
GEOMETRY = {"units", "index_base", "offset", "scale", "screen", "swap_xy"}


@dataclass(frozen=True)
class Settings:
    """Content of a `dataset.toml`; without the file the defaults hold."""

    pixels_per_degree: float | None = None
    units: str = "pixels"
    index_base: int = 0
    offset: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    screen: tuple[float, float] | None = None
    swap_xy: bool = False
    subjects: tuple[str, ...] | None = None
    drop_first: bool = False
    dialect: str = "tuebingen"
    stated: bool = field(default=False, compare=False)
    """Whether the file says how values become pixels; else their looks are judged."""

    @property
    def changes_table(self) -> bool:
        """Whether anything here concerns rows of points, which binary maps do not have."""
        return self != Settings(pixels_per_degree=self.pixels_per_degree, dialect=self.dialect)

    def pixels(
        self, x: np.ndarray, y: np.ndarray, size: tuple[int, int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """A table's values as pixels.

        Args:
            x: the column x, float64 (n,).
            y: the column y, likewise.
            size: (height, width) of the picture.

        Returns:
            columns and rows in pixels, 0-based; not finite where a value is beyond all use.
        """
        import numpy as np

        axes = (y, x) if self.swap_xy else (x, y)
        with np.errstate(over="ignore", invalid="ignore"):
            return (
                self._axis(axes[0], 0, float(size[1])),
                self._axis(axes[1], 1, float(size[0])),
            )

    def _axis(self, values: np.ndarray, axis: int, side: float) -> np.ndarray:
        scale, screen = self.scale[axis], None if self.screen is None else self.screen[axis]
        values = values - self.index_base - self.offset[axis]
        if self.units == "pixels":
            # the picture is `scale` times as large where the table's values were measured
            bar = 0.0 if screen is None else (screen - scale * side) / 2
            return (values - bar) / scale
        values = values / scale
        if self.units == "degrees":
            return values * (self.pixels_per_degree or 1.0) + side / 2
        return values * side if screen is None else values * screen - (screen - side) / 2


def _number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


def _pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_number, value))


def _both(value: Any) -> tuple[float, float]:
    x, y = value if isinstance(value, list) else (value, value)
    return float(x), float(y)


def _name(value: Any) -> bool:
    return isinstance(value, str) or (type(value) is int and abs(value) < 10**18)


def _known_dialect(value: Any) -> bool:
    from benchmark_kit.dialects import DIALECTS

    return isinstance(value, str) and value in DIALECTS


RULES: dict[str, tuple[str, Callable[[Any], bool], Callable[[Any], Any]]] = {
    "pixels_per_degree": ("a number above 0", lambda value: _number(value) and value > 0, float),
    "index_base": ("0 or 1", lambda value: type(value) is int and value in (0, 1), int),
    "units": (
        f"one of {', '.join(UNITS)}",
        lambda value: isinstance(value, str) and value in UNITS,
        str,
    ),
    "offset": ("two numbers, [x, y]", _pair, _both),
    "scale": (
        "a number above 0, or two other than 0, [x, y]",
        lambda value: (_number(value) and value > 0) or (_pair(value) and 0 not in value),
        _both,
    ),
    "screen": (
        "two numbers, [width, height], 0 or more",
        lambda value: _pair(value) and min(value) >= 0,
        _both,
    ),
    "swap_xy": ("true or false", lambda value: isinstance(value, bool), bool),
    "subjects": (
        "a list of observers as they stand in the table",
        lambda value: isinstance(value, list) and len(value) > 0 and all(map(_name, value)),
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
            defects.add("E704", FILE, f"an unknown key {shown(key)}", f"only {', '.join(RULES)}")
            continue
        expected, holds, cast = RULES[key]
        if holds(value):
            values[key] = cast(value)
        else:
            defects.add("E704", FILE, f"{key} = {shown(value)}", expected)
    settings = Settings(**values)
    for found, expected in _contradictions(settings):
        defects.add("E704", FILE, found, expected)
    return replace(settings, stated=bool(GEOMETRY & set(values)))


def _contradictions(settings: Settings) -> Iterator[tuple[str, str]]:
    """Keys that mean nothing together, and what is expected instead."""
    if settings.units == "degrees" and settings.pixels_per_degree is None:
        yield 'units = "degrees" without pixels_per_degree', "pixels of one degree of visual angle"
    if settings.units == "degrees" and settings.screen is not None:
        yield "screen with degrees", "no screen: degrees count from the picture's centre"
    if settings.units != "pixels" and settings.index_base:
        yield f"index_base = 1 with {settings.units} values", "index_base for pixels only"
