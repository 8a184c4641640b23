"""The process that walks a file before anyone reads it: the other end of `_rehearsal`."""

from __future__ import annotations

import json
import math
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

from benchmark_kit.containers._rehearsal import ALIVE, READY, seconds_for
from benchmark_kit.containers.damage import one_line
from benchmark_kit.containers.hdf5 import touch

MEMORY = 2**30  # bytes of address space; a file's structure needs a fraction of it


def serve() -> None:
    """What the other process does: a path a line in, a JSON text a line out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with its parent, not before
    warnings.simplefilter("ignore")
    out = sys.stdout.buffer
    _limit_memory()

    def alive() -> None:
        out.write(ALIVE)
        out.flush()

    import h5py  # noqa: F401 (before the first file, whose time is counted)

    out.write(READY)
    out.flush()
    for line in sys.stdin.buffer:
        path = Path(json.loads(line))
        # a parent that was killed meanwhile cannot end a walk that goes round for ever
        signal.alarm(math.ceil(seconds_for(path)) + 1)
        answer = _walk(path, alive)
        signal.alarm(0)
        out.write(json.dumps(answer).encode() + b"\n")
        out.flush()


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return  # not on this system
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _walk(path: Path, alive: Any) -> str:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            touch(file, alive)
    except Exception as error:  # whatever HDF5 makes of it
        return one_line(error)
    return ""
