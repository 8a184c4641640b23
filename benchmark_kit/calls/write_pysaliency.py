"""A data set's fixations as pysaliency's HDF5 files, read there by `pysaliency.read_hdf5`.

    fixations.hdf5   FixationTrains 1.2; Fixations 1.0 where the data set tells no observers
    stimuli.hdf5     FileStimuli 2.1, with the pictures' paths from this file

The layouts are those of pysaliency 0.2.22. Its times count seconds of a trial, which most data sets
do not tell: the place in the scanpath stands there instead. Observers keep their numbers.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.containers.hdf5 import new_hdf5
from benchmark_kit.errors import ConfigError, RunFailed
from benchmark_kit.files import check_folder, refuse_full_folder, written_beside
from benchmark_kit.types import Fixations, Truths


def write_pysaliency(truths: Truths, out: str | Path) -> None:
    """Write `fixations.hdf5` and `stimuli.hdf5` into a new or empty folder.

    Args:
        truths: the data set; pictures without fixations are among the stimuli.
        out: the folder.

    Raises:
        ConfigError: a data set without fixations or without its pictures, or a folder that is not
            empty.
        RunFailed: the folder cannot be written.

    Example:
        >>> write_pysaliency(get_dataset("folder", "mine"), "for_pysaliency")
    """
    folder = Path(out)
    check_folder(folder, "out")
    refuse_full_folder(folder, "out")
    if not truths.points_kept:
        raise ConfigError(f"{truths.name} has no fixations to write")
    if lost := [truth.name for truth in truths if truth.stimulus is None]:
        raise ConfigError(f"{truths.name}: the picture of {lost[0]} is not at hand")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (
            written_beside(folder / "stimuli.hdf5") as stimuli,
            written_beside(folder / "fixations.hdf5") as fixations,
        ):
            _write_stimuli(truths, stimuli, folder)
            _write_fixations(truths, fixations)
    except OSError as error:
        raise RunFailed(
            f"cannot write {folder}: {error.strerror or error}. Fix: make room, or another folder"
        ) from None


def _begin(file: Any, kind: str, version: str, attributes: list[str]) -> None:
    file.attrs["type"] = np.bytes_(kind)
    file.attrs["version"] = np.bytes_(version)
    file.attrs["__attributes__"] = np.bytes_(json.dumps(attributes))


def _write_stimuli(truths: Truths, path: Path, folder: Path) -> None:
    import h5py

    base = folder.resolve()
    names = [
        os.path.relpath(truth.stimulus.resolve(), base).encode("utf-8", "surrogateescape")
        for truth in truths
        if truth.stimulus is not None
    ]
    with new_hdf5(path) as file:
        _begin(file, "FileStimuli", "2.1", [])
        file.attrs["size"] = len(truths)
        file.create_dataset("filenames", data=np.array(names), dtype=h5py.special_dtype(vlen=str))
        kind = h5py.special_dtype(vlen=np.dtype("int64"))
        shapes = file.create_dataset("shapes", (len(truths),), dtype=kind)
        for k, truth in enumerate(truths):
            shapes[k] = np.array([*truth.size, 3])


def _write_fixations(truths: Truths, path: Path) -> None:
    paths = [
        (number, part)
        for number, truth in enumerate(truths)
        if truth.fixations is not None
        for part in _scanpaths(truth.fixations)
    ]
    with new_hdf5(path) as file:
        if any(part.subject is None for _, part in paths):
            _write_points(file, paths)
        else:
            _write_trains(file, paths)


def _scanpaths(fixations: Fixations) -> list[Fixations]:
    """An image's fixations by observer, each in order; all together where none is told."""
    if fixations.subject is None:
        return [fixations] if len(fixations) else []
    parts = []
    for number in np.unique(fixations.subject):
        mine = np.flatnonzero(fixations.subject == number)
        if fixations.order is not None:
            mine = mine[np.argsort(fixations.order[mine], kind="stable")]
        parts.append(fixations.select(mine))
    return parts


def _order(part: Fixations) -> np.ndarray:
    return np.arange(len(part)) if part.order is None else part.order


def _write_trains(file: Any, paths: list[tuple[int, Fixations]]) -> None:
    longest = max(len(part) for _, part in paths)

    def rows(columns: list[np.ndarray]) -> np.ndarray:
        padded = np.full((len(columns), longest), np.nan)
        for row, column in zip(padded, columns, strict=True):
            row[: len(column)] = column
        return padded

    _begin(file, "FixationTrains", "1.2", ["subjects", "scanpath_index"])
    file["train_xs"] = rows([part.x for _, part in paths])
    file["train_ys"] = rows([part.y for _, part in paths])
    file["train_ts"] = rows([_order(part) for _, part in paths])
    file["train_ns"] = np.array([number for number, _ in paths], dtype=np.int64)
    file["train_subjects"] = np.array(
        [part.subject[0] for _, part in paths if part.subject is not None], dtype=np.int64
    )
    file.attrs["scanpath_attribute_mapping"] = np.bytes_(json.dumps({}))
    file.create_group("scanpath_attributes").attrs["__attributes__"] = np.bytes_(json.dumps([]))
    more = file.create_group("scanpath_fixation_attributes")
    durations = [part.duration for _, part in paths if part.duration is not None]
    if len(durations) == len(paths):
        more["durations"] = rows(durations)
    more.attrs["__attributes__"] = np.bytes_(json.dumps(sorted(more)))


def _write_points(file: Any, paths: list[tuple[int, Fixations]]) -> None:
    count = sum(len(part) for _, part in paths)
    _begin(file, "Fixations", "1.0", ["subjects"])
    file["x"] = np.concatenate([part.x for _, part in paths])
    file["y"] = np.concatenate([part.y for _, part in paths])
    file["t"] = np.zeros(count)
    file["n"] = np.repeat(
        np.array([number for number, _ in paths], dtype=np.int64), [len(part) for _, part in paths]
    )
    file["subjects"] = np.zeros(count)
    for axis in "xyt":
        file[f"{axis}_hist"] = np.full((count, 1), np.nan)
