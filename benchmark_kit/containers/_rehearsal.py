"""Files that can end or hang the library which reads them are first walked by another process.

HDF5 trusts its own pointers: a wrong byte may crash it or send it round for ever, and no `except`
helps. So a small process, started once and asked over a pipe, opens the file, follows everything
in it and says that it came through. If it dies, or gives no sign of life for some seconds, the file
is refused, and the next file gets a new process. It ends with the pipe, that is with its parent.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from queue import Empty, Queue
from typing import IO

PATIENCE = 5.0  # seconds without a sign of life
WHOLE, BYTES_A_SECOND = 8.0, 2**22  # seconds that a file may take, and more for a large one
STARTUP = 60.0  # seconds for the process to start; a busy machine may need some
READY, ALIVE = b"ready\n", b"."


class _Process:
    """The other process as its parent sees it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.child: subprocess.Popen[bytes] | None = None
        self.owner = 0
        self.heard: Queue[bytes] = Queue()

    def walk(self, path: Path) -> str:
        """What is wrong with a file, in words; empty if nothing is."""
        with self.lock:
            if self.child is None or self.owner != os.getpid() or self.child.poll() is not None:
                self._start()
            assert self.child is not None
            assert self.child.stdin is not None
            try:
                self.child.stdin.write(json.dumps(os.fspath(path.absolute())).encode() + b"\n")
                self.child.stdin.flush()
                answer = self._answer(PATIENCE, seconds_for(path))
            except (BrokenPipeError, EOFError):
                answer = "it crashes the library that reads it"
            except TimeoutError:
                answer = "it keeps the library that reads it busy without end"
            else:
                return str(json.loads(answer))
            self.stop()
            return answer

    def _start(self) -> None:
        code = (
            f"import sys; sys.path[:] = {sys.path!r}\n"
            "from benchmark_kit.containers._walker import serve; serve()"
        )
        # one thread: the address space that is allowed is not for buffers of idle ones
        self.child = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        self.owner = os.getpid()
        self.heard = Queue()
        # a thread, because not every system can wait for a pipe with a limit of time
        self.listener = threading.Thread(
            target=_listen, args=(self.child.stdout, self.heard), daemon=True
        )
        self.listener.start()
        atexit.register(self.stop)
        self._answer(STARTUP, STARTUP)

    def _answer(self, patience: float, whole: float) -> str:
        found, end = b"", time.monotonic() + whole
        while not found.endswith(b"\n"):
            left = min(patience, end - time.monotonic())
            try:
                piece = self.heard.get(timeout=max(left, 0))
            except Empty:
                raise TimeoutError from None
            if not piece:
                raise EOFError
            found = (found + piece).lstrip(ALIVE)
        return found.decode()

    def stop(self) -> None:
        """End the process; the next file starts another."""
        child, self.child = self.child, None
        atexit.unregister(self.stop)
        if child is None or self.owner != os.getpid():
            return
        child.kill()
        child.wait()
        self.listener.join()
        for pipe in (child.stdin, child.stdout):
            with suppress(BrokenPipeError):  # a path that nobody read
                pipe.close()  # type: ignore[union-attr]


def _listen(stream: IO[bytes], heard: Queue[bytes]) -> None:
    """Pass on what comes, and nothing at the end of it."""
    while piece := os.read(stream.fileno(), 2**16):
        heard.put(piece)
    heard.put(b"")


_process = _Process()


def rehearse(path: Path) -> None:
    """Have an HDF5 file walked by the other process; once for a file that does not change.

    Raises:
        ValueError: it does not come through.
        OSError: no such file, or no process can be started.
    """
    state = path.stat()
    if reason := _rehearsed(path.absolute(), state.st_size, state.st_mtime_ns, state.st_ino):
        raise ValueError(reason)


@lru_cache(maxsize=1024)
def _rehearsed(path: Path, *state: int) -> str:
    return _process.walk(path)


def seconds_for(path: Path) -> float:
    """Seconds that the walk through a file may take."""
    return WHOLE + path.stat().st_size / BYTES_A_SECOND
