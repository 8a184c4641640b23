"""The `.mat` of LSUN 2015: a cell array `results`, one map an image in the order of the list.

MATLAB 7.3 is HDF5 behind a block of 512 bytes, so maps are written one by one. MATLAB keeps columns
together: a map of (height, width) is stored transposed, and a cell of N x 1 as (1, N) references.
Cells have no names: the image list gives them. Older versions of the format are read, too; they
come whole into memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.hdf5 import open_hdf5, own_member, read_values
from benchmark_kit.errors import InputError, Problem
from benchmark_kit.imaging import matlab
from benchmark_kit.imaging.images import DecodeError, MapInfo
from benchmark_kit.maps.sources import ArrayReference, DatasetReference, MapSource, Reference
from benchmark_kit.packaging.stores._chunks import add_packed, new_file, packed
from benchmark_kit.packaging.stores.store import ONE_STEP, Encoded, Form, Opened, Reader, Store

VARIABLE = "results"
USER_BLOCK = 512
# MATLAB writes the date here; a fixed one keeps the bytes the same
HEADER = (
    b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Thu Jan  1 00:00:00 1970 "
    b"HDF5 schema 1.00 ."
)
VERSION = b"\x00\x02IM"


def write_mat73(path: Path, maps: Iterable[Encoded]) -> dict[str, str]:
    """Write maps in the order they come.

    Args:
        path: file to write; one that is there is replaced.
        maps: encoded for store `"mat73"`, in the order of the image list.

    Returns:
        member -> digest of the map (`stores.store.digest_of`).

    Raises:
        OSError: the file cannot be written.
    """
    import h5py

    digests = {}
    with new_file(path, userblock_size=USER_BLOCK) as file:
        cells = file.create_group("#refs#")
        references = []
        for one in maps:
            dataset = add_packed(cells, one.member, one.shape, one.dtype, one.data)
            dataset.attrs["MATLAB_class"] = np.bytes_(one.dtype)
            references.append(dataset.ref)
            digests[one.member] = one.pixels
        results = file.create_dataset(
            VARIABLE, (1, len(references)), h5py.ref_dtype, track_times=False
        )
        results[0, :] = references
        results.attrs["MATLAB_class"] = np.bytes_("cell")
    with open(path, "r+b") as raw:
        raw.write(HEADER.ljust(124) + VERSION)
    return digests


@dataclass(frozen=True)
class CellReference(DatasetReference):
    """A cell of a MATLAB 7.3 file: the dataset holds the map transposed."""

    def read(self, most_pixels: int) -> np.ndarray:
        """Read it as MATLAB shows it."""
        return np.ascontiguousarray(super().read(most_pixels).T)

    def inspect(self, most_pixels: int) -> MapInfo:
        """Its size as MATLAB shows it, and its type."""
        info = super().inspect(most_pixels)
        return MapInfo(info.size[::-1], info.dtype, "mat")


def open_mat_results(path: Path, order: Sequence[str]) -> Opened:
    """Index a `results` file.

    Args:
        path: the `.mat`.
        order: names of the images in the list's order; without it cells are numbered.

    Returns:
        the maps, and E504 where the count differs from the list's.

    Raises:
        InputError: no such variable, or a file that cannot be read.
    """
    try:
        cells: list[Reference] = (
            _cells_of_hdf5(path) if matlab.is_hdf5(path) else _cells_of_classic(path)
        )
    except matlab.MatFileError as error:
        problem = Problem(
            "E303",
            (path.name,),
            f"no cell array {VARIABLE!r} that can be read ({error})",
            f"one variable {VARIABLE!r}: a cell array of 2-D arrays",
            "salbench package --leaderboard lsun",
        )
        raise InputError(f"{path} cannot be read", [problem]) from None
    problems = []
    if order and len(order) != len(cells):
        found = f"{len(cells)} maps, and the image list has {len(order)} names"
        problems.append(Problem("E504", (), found, fix="--list FILE of this test set"))
    names = order if order else [f"cell {k}" for k in range(1, len(cells) + 1)]
    entries = tuple(zip(names, cells, strict=False))
    return Opened(MapSource("mat", str(path), entries), tuple(problems))


def _cells_of_hdf5(path: Path) -> list[Reference]:
    import h5py

    try:
        with open_hdf5(path) as file:
            if VARIABLE not in file:
                raise ValueError(f"variables found: {', '.join(file) or 'none'}")
            cell = own_member(file, VARIABLE)
            if not isinstance(cell, h5py.Dataset) or cell.dtype != h5py.ref_dtype:
                raise ValueError("not a cell array")
            # MATLAB counts cells down the columns, which is the stored order of the transpose
            return [_cell(path, file[one]) for one in read_values(cell).reshape(-1)]
    except DamagedFile as error:
        raise matlab.MatFileError(error.reason) from error


def _cell(path: Path, node: Any) -> Reference:
    import h5py

    if not isinstance(node, h5py.Dataset) or node.external or node.is_virtual or not node.name:
        raise ValueError("a cell that is no array of its own")
    return CellReference(path, node.name.lstrip("/"))


def _cells_of_classic(path: Path) -> list[Reference]:
    value = np.asarray(matlab.load_variable(path, VARIABLE))
    if value.dtype != object:
        raise matlab.MatFileError(f"not a cell array but {matlab.describe(value)}")
    try:
        return [ArrayReference(matlab.stored_numbers(one)) for one in matlab.items(value)]
    except DecodeError as error:
        raise matlab.MatFileError(error.found) from error


def _encode(stored: np.ndarray) -> tuple[bytes, tuple[int, int], np.ndarray]:
    columns = stored.T
    return packed(columns), (columns.shape[0], columns.shape[1]), stored


STORES = (
    Store(
        name="mat73",
        dtype=np.uint8,
        extensions=(".mat",),
        encode=_encode,
        member=lambda image, place, model: f"{place:06d}",  # sorted, these keep the list's order
        write=write_mat73,
        allowed=ONE_STEP,
        reader=Reader(
            Form("mat"), lambda path: path.name.lower().endswith(".mat"), open_mat_results
        ),
        place=lambda one: one.name,
        ordered=True,
    ),
)
