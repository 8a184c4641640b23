"""Delimited tables of any program: the format is recognised by the columns of the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark_kit.errors import ConfigError
from benchmark_kit.trackers.export import read_export
from benchmark_kit.trackers.presets import get_preset, recognised, with_columns
from benchmark_kit.trackers.source import Source


def read(paths: Sequence[Path], columns: Mapping[str, str], form: str | None) -> Source:
    """The tables of some files.

    Args:
        paths: the files.
        columns: role -> column, where the format's do not fit.
        form: a preset's name or `"columns"`; None: recognised.

    Raises:
        ConfigError: an unknown format, or columns that tell none.
        InputError: a file that is no table.
    """
    exports = [read_export(path) for path in paths]
    if form is not None:
        return Source(exports, with_columns(get_preset(form), columns))
    header = exports[0].header
    found = recognised(header)
    if not found and {"x", "y"} <= set(columns):
        found = [get_preset("columns")]
    if not found:
        raise ConfigError(
            f"{paths[0]}: columns that no format or several have: {', '.join(header)}. "
            "Fix: --format NAME, or --map image=COLUMN,x=COLUMN,y=COLUMN"
        )
    others = tuple(other.title for other in found[1:])
    return Source(exports, with_columns(found[0], columns), others)
