"""The kind of files that an import is given, told by name or recognised by the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark_kit.errors import ConfigError
from benchmark_kit.trackers.presets import COLUMNS, presets
from benchmark_kit.trackers.source import Source
from benchmark_kit.trackers.sources import bids, coco, eyelink_asc, pysaliency, tables

KINDS = {each.NAME: each for each in (eyelink_asc, pysaliency, coco, bids)}


def formats() -> tuple[str, ...]:
    """Every format that may be named."""
    return (*presets(), *KINDS, COLUMNS)


def open_source(
    paths: Sequence[Path], form: str | None, columns: Mapping[str, str], *, samples: bool = False
) -> Source:
    """Read files as tables of fixations, or of samples.

    Args:
        paths: the files, all of one kind.
        form: one of `formats()`; None: recognised.
        columns: role -> column, or what the kind makes of it.
        samples: read samples where the kind has both.

    Raises:
        ConfigError: an unknown format, or columns that tell none.
        InputError: files that cannot be read.
    """
    kind = form or next((name for name in KINDS if KINDS[name].looks_like(paths[0])), None)
    if kind in KINDS:
        return KINDS[kind].read(paths, columns, samples=samples)
    if form is not None and form not in formats():
        raise ConfigError(f"unknown format {form!r}: known are {', '.join(formats())}")
    return tables.read(paths, columns, form)
