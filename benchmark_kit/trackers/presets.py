"""Which columns of an export hold what: presets as data, and columns that are named by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files

from benchmark_kit.containers.text import parse_toml
from benchmark_kit.errors import ConfigError
from benchmark_kit.trackers.placement import SHOWN

COLUMNS = "columns"  # the format whose columns are all named by hand
NEEDED = ("x", "y")
ROLES = ("image", *NEEDED, "subject", "trial", "order", "event", "eye", "start", "duration", *SHOWN)
DURATION_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


@dataclass(frozen=True)
class Preset:
    """How the tables of one program are read.

    Args:
        name: what `--format` calls it.
        title: the program.
        names: role -> names that its column may have.
        units: of x and y, one of `placement.UNITS`.
        duration_unit: of the durations.
        only: column -> values of the rows that are kept, where the table has the column.
        on_picture: columns of x and y that count on the picture wherever it stood.
        bottom_up: y is 0 at the lower edge.
    """

    name: str
    title: str
    names: Mapping[str, tuple[str, ...]]
    units: str = "pixels"
    duration_unit: str = "ms"
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    bottom_up: bool = False
    on_picture: Sequence[str] = ()

    def columns(self, header: Sequence[str]) -> dict[str, str]:
        """Role -> column of a table that has these columns; capitals do not matter."""
        known = {name.strip().casefold(): name for name in header}
        found = {}
        for role, names in self.names.items():
            column = next((known[n.casefold()] for n in names if n.casefold() in known), None)
            if column is not None:
                found[role] = column
        return found


@cache
def presets() -> dict[str, Preset]:
    """All presets by name."""
    path = files("benchmark_kit.trackers") / "presets.toml"
    content = parse_toml(path.read_text(encoding="utf-8"), "presets.toml")
    return {
        name: Preset(
            name,
            given["title"],
            {role: tuple(given[role]) for role in ROLES if role in given},
            given["units"],
            given["duration_unit"],
            given.get("only", {}),
            given.get("bottom_up", False),
            given.get("on_picture", ()),
        )
        for name, given in content.items()
    }


def get_preset(name: str) -> Preset:
    """A preset by its name.

    Raises:
        ConfigError: there is none of this name.
    """
    if name == COLUMNS:
        return Preset(COLUMNS, "a table", {role: (role,) for role in ROLES}, duration_unit="s")
    if name not in presets():
        known = ", ".join([*presets(), COLUMNS])
        raise ConfigError(f"unknown format {name!r}: known are {known}")
    return presets()[name]


def recognised(header: Sequence[str]) -> list[Preset]:
    """The presets whose columns of x and y a table has, the one with most of its columns first.

    Returns:
        none if no preset fits, or if two fit equally well.
    """
    known = {name.strip().casefold() for name in header}

    def fit(preset: Preset) -> int:
        return len(preset.columns(header)) + sum(name.casefold() in known for name in preset.only)

    fitting = [each for each in presets().values() if set(NEEDED) <= set(each.columns(header))]
    fitting.sort(key=fit, reverse=True)
    if len(fitting) > 1 and fit(fitting[0]) == fit(fitting[1]):
        return []
    return fitting


def with_columns(preset: Preset, named: Mapping[str, str]) -> Preset:
    """A preset with columns that are named by hand.

    Raises:
        ConfigError: a role that there is not.
    """
    if strange := [role for role in named if role not in ROLES]:
        raise ConfigError(f"--map: no role {strange[0]!r}; roles are {', '.join(ROLES)}")
    return replace(preset, names={**preset.names, **{r: (c,) for r, c in named.items()}})
