"""Fixations that pysaliency wrote (`to_hdf5`), with the file of their stimuli; never its pickles.

Fixations know their stimulus by its number. The names stand in a file of type FileStimuli: one that
is given as well, or `stimuli.hdf5` beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmark_kit.containers.hdf5 import is_hdf5
from benchmark_kit.datasets.reading.pysaliency import (
    PysaliencyFileError,
    Recordings,
    read_filenames,
    read_fixations,
)
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.trackers.source import Source, plain_export, plain_preset

NAME, TITLE = "pysaliency", "fixations of pysaliency"
BESIDE = "stimuli.hdf5"


def looks_like(path: Path) -> bool:
    """Whether a file may be one: no other HDF5 file is imported."""
    return is_hdf5(path)


def read(paths: Sequence[Path], columns: Mapping[str, str], *, samples: bool = False) -> Source:
    """Fixations of one or several files.

    Args:
        paths: files of fixations, and perhaps the one of their stimuli.
        columns: must be empty: the files have none.
        samples: must be False: the files hold fixations.

    Raises:
        ConfigError: columns or samples are asked for.
        InputError: no file of fixations or of stimuli, or damaged ones.
    """
    if columns or samples:
        raise ConfigError(f"{TITLE} have no columns and no samples. Fix: leave --map and --detect")
    listings, recordings = {}, {}
    for path in paths:
        try:
            listings[path] = read_filenames(path)
        except PysaliencyFileError:
            try:
                recordings[path] = read_fixations(path)
            except PysaliencyFileError as error:
                raise InputError(f"{path} is no file of fixations: {error}") from None
    if not recordings:
        raise InputError(f"{paths[0]} lists stimuli. Fix: give the file of fixations as well")
    exports = [
        plain_export(path, _rows(path, found, _names(path, listings)))
        for path, found in recordings.items()
    ]
    return Source(exports, plain_preset(NAME, TITLE, "s"))


def _names(path: Path, listings: Mapping[Path, list[str]]) -> list[str]:
    if len(listings) > 1:
        raise InputError(f"several files list stimuli: {', '.join(map(str, listings))}. Fix: one")
    if listings:
        return next(iter(listings.values()))
    beside = path.parent / BESIDE
    if not beside.is_file():
        raise InputError(
            f"{path} numbers its pictures. Fix: give the file of their names as well, which "
            f"FileStimuli.to_hdf5 writes, or put it beside as {BESIDE}"
        )
    try:
        return read_filenames(beside)
    except PysaliencyFileError as error:
        raise InputError(f"{beside}: {error}") from None


def _rows(path: Path, found: Recordings, names: Sequence[str]) -> list[tuple[int, dict[str, Any]]]:
    if len(found.stimulus) and not 0 <= found.stimulus.min() <= found.stimulus.max() < len(names):
        raise InputError(
            f"{path} numbers more pictures than the {len(names)} that are listed. Fix: the list of "
            "the same data set"
        )
    rows = []
    for k in range(len(found.x)):
        row = {
            "image": names[found.stimulus[k]],
            "x": float(found.x[k]),
            "y": float(found.y[k]),
            "subject": int(found.subject[k]),
            "order": int(found.order[k]),
        }
        if found.duration is not None:
            row["duration"] = float(found.duration[k])
        rows.append((k + 1, row))
    return rows
