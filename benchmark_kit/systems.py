"""What Linux, macOS and Windows do differently: locks, signals, processes, limits, renaming.

Every module that only some systems have is asked for here and nowhere else, and by what there is,
never by the system's name. `tests/test_systems.py` hides the modules of POSIX.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, BinaryIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]
try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

INTERRUPT = signal.SIGINT  # Ctrl-C
AGAIN_SECONDS = 0.1
LOCKED_AT = 2**30  # a byte behind every journal: on Windows nobody can read what is locked
# numbers of GNU's `mallopt`, and what it comes to by itself where large arrays come and go
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
USUAL_TRIM, LARGEST_MMAP = 2**26, 2**25
KEPT_BYTES = 2**28
RENAMING_SECONDS = 1.0  # Windows refuses a file that a virus scanner is just reading


def stopping_signals() -> tuple[signal.Signals, ...]:
    """Signals that ask a command to end, besides Ctrl-C."""
    names = ("SIGTERM", "SIGHUP", "SIGBREAK")
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))


def call_soon(seconds: float, function: Callable[[], object]) -> bool:
    """Call a function in the main thread after so long, from a handler of signals.

    Returns:
        whether it will be: Windows has no such timer, nor has a process whose timer is in use.
    """
    if not hasattr(signal, "setitimer") or signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL:
        return False
    signal.signal(signal.SIGALRM, _Call(function))
    # again and again: one that comes just before the process sleeps does not wake it
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
    return True


def call_off() -> None:
    """Do not call what `call_soon` was given."""
    if hasattr(signal, "setitimer") and isinstance(signal.getsignal(signal.SIGALRM), _Call):
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


class _Call:
    def __init__(self, function: Callable[[], object]):
        self.function = function

    def __call__(self, number: int, _: object) -> None:
        call_off()
        self.function()


def ignore_terminal() -> None:
    """Neither Ctrl-C nor a message on the terminal stops this process: its parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGTTOU"):
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)


def lock(file: BinaryIO) -> None:
    """Keep every other process from locking an open file, until it is closed.

    Raises:
        OSError: another one has it.
    """
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    import msvcrt

    place = file.tell()
    file.seek(LOCKED_AT)
    try:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    finally:
        file.seek(place)


def start_apart(
    command: Callable[[int], list[str]], theirs: Connection, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a process that has one end of a pipe and does not hear the terminal's Ctrl-C.

    Args:
        command: the command, of the number under which the process finds its end.
        theirs: the end, which stays open here.
        **options: of `subprocess.Popen`.

    Raises:
        OSError: it cannot be started.
    """
    number = theirs.fileno()
    if not hasattr(subprocess, "STARTUPINFO"):
        options |= {"pass_fds": [number], "process_group": 0}
    else:
        os.set_handle_inheritable(number, True)  # type: ignore[attr-defined]
        shared = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [number]})
        options |= {"startupinfo": shared, "creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
    return subprocess.Popen(command(number), **options)


def inherited_end(number: int) -> Connection:
    """The end of a pipe that `start_apart` gave to this process."""
    kind = getattr(connection, "PipeConnection", Connection)  # Windows' pipes are no sockets
    return kind(number)


def limit_memory(size: int) -> None:
    """Let this process have no more than so many bytes of address space, where that can be had."""
    if resource is None:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = size if hard == resource.RLIM_INFINITY else min(size, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    except (OSError, ValueError):  # macOS knows the name and refuses the limit
        return


def _allocator() -> Any:
    """The C library, if it is GNU's: the only one whose allocator is told what to keep."""
    if fcntl is None:
        return None
    import ctypes

    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None


@contextmanager
def kept_memory() -> Iterator[None]:
    """Inside, what arrays give back stays with the process for the next ones, up to 256 MB.

    GNU's library hands a full-size array back to the system when it is freed, and fresh pages for
    the next cost more than most sums over it.
    """
    allocator = _allocator()
    if allocator is None:
        yield
        return
    allocator.mallopt(MMAP_THRESHOLD, LARGEST_MMAP)
    allocator.mallopt(TRIM_THRESHOLD, KEPT_BYTES)
    try:
        yield
    finally:
        allocator.mallopt(TRIM_THRESHOLD, USUAL_TRIM)
        allocator.malloc_trim(0)


def rename_over(source: Path, target: Path) -> None:
    """Give a closed file another's name and place.

    Raises:
        OSError: it cannot be; on Windows also while another program has the target open.
    """
    end = time.monotonic() + RENAMING_SECONDS
    while True:
        try:
            os.replace(source, target)
        except PermissionError as error:
            # POSIX refuses for good; Windows, which adds a number of its own, perhaps not
            if getattr(error, "winerror", None) is None or time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def is_closed_pipe(error: OSError) -> bool:
    """Whether standard output's reader has gone: Windows calls that an invalid argument."""
    return isinstance(error, BrokenPipeError) or (fcntl is None and error.errno == errno.EINVAL)
