"""What a user has to submit, opened as maps by name and read one at a time.

A folder, a zip or tar, an HDF5 file whatever its name, arrays in Python, the JSON zip of SALICON
2015 or the `.mat` of LSUN 2015. Nothing is unpacked, links are not followed, and members that could
do harm are problems, not maps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.hdf5 import is_hdf5
from benchmark_kit.containers.zipped import is_zip
from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.imaging.images import MOST_PIXELS, SUFFIXES, MapInfo
from benchmark_kit.leaderboards import get_board
from benchmark_kit.leaderboards.rules import Board
from benchmark_kit.maps.sources import (
    Maps,
    MapSource,
    Reference,
    hdf5_maps,
    open_maps,
    tar_maps,
    zip_maps,
)
from benchmark_kit.packaging.stores import get_store
from benchmark_kit.packaging.stores.hdf5 import FORM as HDF5
from benchmark_kit.packaging.stores.store import Form, Reader

FOLDER = "folder"  # of `MapSource.kind`
MEMBERS = Form("archive", files=True)


@dataclass(frozen=True, eq=False)
class Submission:
    """Predictions by name; nothing is decoded before it is asked for. Pickles into processes.

    Args:
        source: where they lie: kind, files that are no maps, members that must not be read.
        entries: name -> (path inside the source, reference). After `open_submission` a name is the
            path without extension, after `match_names` the image's name.
        form: how their names are to be judged.
        problems: what makes the container unfit: E501 to E504, E301, E406.
        keep: what has to live as long as the maps are read; stays in the process that opened it.
    """

    source: MapSource
    entries: Mapping[str, tuple[str, Reference]]
    form: Form
    problems: tuple[Problem, ...] = ()
    keep: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all predictions."""
        return tuple(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def load(self, name: str, most_pixels: int = MOST_PIXELS) -> np.ndarray:
        """One prediction (height, width): uint8, uint16, float32 or float64; float16 is widened.

        Raises:
            DecodeError: it cannot be taken as a map.
        """
        return self.entries[name][1].read(most_pixels)

    def inspect(self, name: str, most_pixels: int = MOST_PIXELS) -> MapInfo:
        """Size and stored type of one prediction.

        Raises:
            DecodeError: it cannot be taken as a map.
        """
        return self.entries[name][1].inspect(most_pixels)

    def reference(self, name: str) -> str:
        """Where a prediction lies, for messages: its path inside the source."""
        return self.entries[name][0]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "keep": None}


def open_submission(
    maps: Maps, board: str | Board, kind: str = "maps", *, order: Sequence[str] = ()
) -> Submission:
    """Open what a user has as predictions by name.

    Args:
        maps: a path, or a mapping from image name (with or without extension) to array.
        board: the leaderboard, whose own formats are read besides the general ones.
        kind: `"maps"` or `"densities"`.
        order: names in the order of the image list, for the `.mat` of LSUN.

    Returns:
        the predictions; `problems` says what is wrong with the container.

    Raises:
        ConfigError: a path that is not there, or a kind that the board does not take.
        InputError: a file that is damaged as a whole.
    """
    board = get_board(board)
    if kind not in board.kinds:
        raise ConfigError(f"{board.name} takes {' or '.join(board.kinds)}, not {kind!r}")
    if isinstance(maps, (str, Path)) and Path(maps).is_file():
        return _open_file(Path(maps), board, order)
    source = open_maps(maps)
    return _by_name(source, Form(source.kind, files=source.kind == FOLDER))


def _own_readers(board: Board) -> list[Reader]:
    """Readers of the files that only this board's stores know."""
    found = [get_store(name).reader for ways in board.stores.values() for name in ways]
    return [reader for reader in found if reader is not None]


def _open_file(path: Path, board: Board, order: Sequence[str]) -> Submission:
    name = path.name.lower()
    refused = _refused_container(path, board)
    try:
        for reader in _own_readers(board):
            if reader.knows(path):
                opened = reader.open(path, order)
                return _by_name(
                    opened.source, reader.form, (*refused, *opened.problems), opened.keep
                )
        if is_hdf5(path):
            return _by_name(hdf5_maps(path), HDF5, refused)
        if is_zip(path):
            return _by_name(zip_maps(path), MEMBERS, refused)
        if name.endswith((".tar", ".tar.gz", ".tgz")):
            return _by_name(tar_maps(path), MEMBERS, refused)
    except DamagedFile as error:
        raise InputError(f"{path} cannot be read", [*refused, *error.problems]) from None
    if not refused:
        found = "neither a readable archive nor an HDF5 file"
        refused = (Problem("E301", (path.name,), found, fix="pack it again"),)
    raise InputError(f"{path} cannot be read", refused)


def _refused_container(path: Path, board: Board) -> tuple[Problem, ...]:
    """E501 for a file whose kind the board does not open. An HDF5 file may have any name there."""
    name, found = path.name.lower(), ""
    if is_hdf5(path) and not any(reader.knows(path) for reader in _own_readers(board)):
        found = f"an HDF5 file, which {board.name} does not read"
    elif not name.endswith(board.containers):
        kind = "".join(PurePosixPath(name).suffixes[-2:]) or "no extension"
        found = f"a file of a kind that {board.name} does not open ({kind})"
    elif is_zip(path) and not name.endswith(".zip"):
        found = "a zip under another name, which boards open by the name"
    else:
        unlike = [r.unlike for r in _own_readers(board) if r.unlike and not r.knows(path)]
        found = next(iter(unlike), "")
    if not found:
        return ()
    fix = "salbench package writes the right one"
    return (Problem("E501", (path.name,), found, ", ".join(board.containers), fix),)


def _by_name(
    source: MapSource, form: Form, problems: Sequence[Problem] = (), keep: Any = None
) -> Submission:
    entries: dict[str, tuple[str, Reference]] = {}
    for path, reference in source.entries:
        pure = PurePosixPath(path)
        known = pure.suffix.lower() in SUFFIXES
        entries.setdefault(str(pure.with_suffix("")) if known else path, (path, reference))
    return Submission(source, entries, form, (*problems, *source.problems), keep)
