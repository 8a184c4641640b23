"""Arrays that are made once and kept: in memory up to a limit, or as files in the user's cache."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Protocol

import numpy as np

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.npy import open_npy
from benchmark_kit.datasets.reading.cache import cache_directory
from benchmark_kit.errors import ConfigError, RunFailed
from benchmark_kit.files import state_of
from benchmark_kit.imaging.images import write_npy

LIMIT = 2**30  # bytes kept in memory
log = logging.getLogger(__name__)
Make = Callable[[], np.ndarray]


class Keeper(Protocol):
    """`array(file, what, make)`: what was made of a file before, or is made now."""

    def array(self, file: Path, what: Hashable, make: Make) -> np.ndarray:
        """The array that `make` gives, which belongs to `what` was done to the file."""


class Nothing:
    """Keeps nothing."""

    def array(self, file: Path, what: Hashable, make: Make) -> np.ndarray:
        """Made anew."""
        return make()


class Memory:
    """Keeps arrays until they take `limit` bytes; later ones are made anew each time.

    Nothing is ever dropped for another: shuffled epochs would find what was kept longest ago.
    """

    def __init__(self, limit: int = LIMIT):
        self.limit, self.bytes = limit, 0
        self._arrays: dict[tuple[Path, Hashable], np.ndarray] = {}
        self._lock = threading.Lock()

    def array(self, file: Path, what: Hashable, make: Make) -> np.ndarray:
        """Kept, or made and kept where there is room."""
        key = (file, what)
        found = self._arrays.get(key)
        if found is None:
            found = make()
            with self._lock:
                if key not in self._arrays and self.bytes + found.nbytes <= self.limit:
                    self._arrays[key] = found
                    self.bytes += found.nbytes
        return found


class Disk:
    """Keeps arrays as `.npy` files, which later runs find while the picture's file is as it was.

    A damaged file is made anew; a folder that cannot be written keeps nothing and fails no run.

    Args:
        folder: None: `pictures` in the user's cache directory, or in KERAS_SALIENCY_CACHE.
    """

    def __init__(self, folder: Path | None = None):
        self.folder = cache_directory().parent / "pictures" if folder is None else folder

    def array(self, file: Path, what: Hashable, make: Make) -> np.ndarray:
        """Read, or made and written."""
        about = f"{file.absolute()}\0{state_of(file.stat())}\0{what!r}"
        digest = hashlib.sha256(about.encode("utf-8", "surrogateescape")).hexdigest()
        place = self.folder / digest[:2] / f"{digest}.npy"
        try:
            return open_npy(place)
        except (DamagedFile, OSError):
            found = make()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            write_npy(place, found)
        except (OSError, RunFailed) as error:
            log.debug("a decoded picture is not kept: %s", error)
        return found


def keeper(cache: bool | str) -> Keeper:
    """What a user's `cache=` names.

    Raises:
        ConfigError: none of True, False, "memory", "disk".
    """
    if cache is True or cache == "memory":
        return Memory()
    if cache is False:
        return Nothing()
    if cache == "disk":
        return Disk()
    raise ConfigError(f"cache must be True (memory), False or 'disk', got {cache!r}")
