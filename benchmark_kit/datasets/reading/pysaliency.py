"""Fixations that pysaliency wrote (`to_hdf5`): types `FixationTrains` 1.x and `Fixations` 1.0.

Coordinates are floats, 0-based. `n` is the number of the stimulus; the names belonging to the
numbers stand in a file of type `FileStimuli` beside it, with paths relative to that file. Scanpaths
are rows padded with NaN. Links inside the file are not followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.hdf5 import open_hdf5, own_member, read_values

if TYPE_CHECKING:
    import h5py
    import numpy as np


class PysaliencyFileError(ValueError):
    """An HDF5 file that is not one of pysaliency's of the expected type."""


@dataclass(frozen=True, eq=False)
class Recordings:
    """All fixations of a file, one entry a fixation.

    Args:
        stimulus: number of the picture from 0.
        subject: observer's number.
        order: place in the scanpath from 0.
        x: columns in pixels.
        y: rows in pixels.
        t: start in seconds.
        duration: seconds, or None.
    """

    stimulus: np.ndarray
    subject: np.ndarray
    order: np.ndarray
    x: np.ndarray
    y: np.ndarray
    t: np.ndarray
    duration: np.ndarray | None


def read_fixations(path: Path) -> Recordings:
    """Fixations of either type.

    Raises:
        PysaliencyFileError: another file, or datasets missing in it.
    """
    return _read(path, {"FixationTrains": _trains, "Fixations": _fixations})


def read_filenames(path: Path) -> list[str]:
    """Paths of the stimuli, in the order of their numbers, as stored.

    Raises:
        PysaliencyFileError: another file, or datasets missing in it.
    """
    return _read(path, {"FileStimuli": _filenames})


def _read(path: Path, readers: dict[str, Any]) -> Any:
    try:
        with open_hdf5(path) as file:
            kind = file.attrs.get("type", b"")
            kind = kind.decode() if isinstance(kind, bytes) else str(kind)
            if kind not in readers:
                raise ValueError(
                    f"its type is {kind or 'not stated'!r}, expected {' or '.join(readers)}"
                )
            return readers[kind](file)
    except DamagedFile as error:
        raise PysaliencyFileError(error.reason) from error


def _values(group: h5py.Group, name: str) -> np.ndarray:
    return read_values(own_member(group, name))


def _whole(group: h5py.Group, name: str) -> np.ndarray:
    import numpy as np

    values = _values(group, name)
    if not np.isfinite(values.astype(np.float64)).all():
        raise ValueError(f"{name!r} holds what is no number")
    return values.astype(np.int64)


def _filenames(file: h5py.File) -> list[str]:
    names = _values(file, "filenames")
    return [name.decode() if isinstance(name, bytes) else str(name) for name in names]


def _trains(file: h5py.File) -> Recordings:
    import numpy as np

    xs, ys, ts = (_values(file, f"train_{axis}s").astype(np.float64) for axis in "xyt")
    scanpath, order = np.nonzero(~np.isnan(xs))
    durations = None
    extras = file.get("scanpath_fixation_attributes")
    if extras is not None and "durations" in extras:
        durations = _values(extras, "durations").astype(np.float64)[scanpath, order]
    return Recordings(
        stimulus=_whole(file, "train_ns")[scanpath],
        subject=_whole(file, "train_subjects")[scanpath],
        order=order,
        x=xs[scanpath, order],
        y=ys[scanpath, order],
        t=ts[scanpath, order],
        duration=durations,
    )


def _fixations(file: h5py.File) -> Recordings:
    import numpy as np

    return Recordings(
        stimulus=_whole(file, "n"),
        subject=_whole(file, "subjects"),
        order=(~np.isnan(_values(file, "x_hist").astype(np.float64))).sum(axis=1),
        x=_values(file, "x").astype(np.float64),
        y=_values(file, "y").astype(np.float64),
        t=_values(file, "t").astype(np.float64),
        duration=None,
    )
