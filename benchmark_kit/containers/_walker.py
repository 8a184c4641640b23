"""The process that walks a file before anyone reads it: the other end of `_rehearsal`."""

from __future__ import annotations

import faulthandler
import json
import sys
import warnings
from pathlib import Path
from typing import Any

from benchmark_kit.containers._rehearsal import ALIVE, READY, seconds_for
from benchmark_kit.containers.damage import one_line
from benchmark_kit.containers.hdf5 import touch
from benchmark_kit.systems import ignore_terminal, limit_memory

MEMORY = 2**30  # bytes of address space; a file's structure needs a fraction of it


def serve() -> None:
    """What the other process does: a path a line in, a JSON text a line out."""
    ignore_terminal()  # it ends with its parent, not before
    warnings.simplefilter("ignore")
    out = sys.stdout.buffer
    limit_memory(MEMORY)

    def alive() -> None:
        out.write(ALIVE)
        out.flush()

    import h5py  # noqa: F401 (before the first file, whose time is counted)

    out.write(READY)
    out.flush()
    for line in sys.stdin.buffer:
        path = Path(json.loads(line))
        # a parent that was killed meanwhile cannot end a walk that goes round for ever
        # (a watch that needs no interpreter, which HDF5 may never let go of)
        faulthandler.dump_traceback_later(seconds_for(path) + 1, exit=True)
        answer = _walk(path, alive)
        faulthandler.cancel_dump_traceback_later()
        out.write(json.dumps(answer).encode() + b"\n")
        out.flush()


def _walk(path: Path, alive: Any) -> str:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            touch(file, alive)
    except Exception as error:  # whatever HDF5 makes of it
        return one_line(error)
    return ""
