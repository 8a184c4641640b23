"""Files that appear whole or not at all: written beside their place, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmark_kit.errors import RunFailed


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """A path to write to; it becomes `path` when the block ends well, and is removed otherwise.

    Raises:
        OSError: the folder cannot be written.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_beside(path: Path, write: Callable[[Any], None]) -> None:
    """Write a file by a function that is called with the open binary file.

    Raises:
        RunFailed: the folder is missing, read-only or full.
    """
    try:
        with written_beside(path) as temporary, open(temporary, "wb") as file:
            write(file)
    except OSError as error:
        raise RunFailed(
            f"cannot write {path}: {error.strerror or error}. Fix: make room, or another folder"
        ) from None


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8, line ends as they are.

    Raises:
        RunFailed: the folder is missing, read-only or full.
    """
    write_beside(path, lambda file: file.write(text.encode()))


def state_of(status: os.stat_result) -> str:
    """Size and times of a file as text: differs once its content does.

    The time of change counts besides that of modification, which tools set back at will.
    """
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
