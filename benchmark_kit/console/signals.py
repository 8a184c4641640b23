"""SIGTERM and SIGHUP end a command as Ctrl-C does: half-written files go, workers end.

What a signal raises inside a finalizer or a callback of the garbage collector, Python prints and
drops, and what it raises inside an import may become another error: there it waits until they are
done.
"""

from __future__ import annotations

import gc
import signal
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from benchmark_kit.systems import INTERRUPT, call_off, call_soon, stopping_signals

STOPS = stopping_signals()
WAIT = 0.01  # seconds to the next look
PATIENCE = 5.0  # seconds after which it is raised anywhere
IMPORTS = "<frozen importlib._bootstrap>"


class Stopped(KeyboardInterrupt):
    """A signal asked the command to end.

    Args:
        number: of the signal.
    """

    def __init__(self, number: int):
        self.number = number
        super().__init__(signal.Signals(number).name)


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Raise `Stopped` in the block, `KeyboardInterrupt` for Ctrl-C; not where it would be lost.

    A second one is raised at once where the first has to wait; after that Ctrl-C is raised again,
    and another signal ends the process.
    """
    numbers = [
        number
        for number in STOPS
        if signal.getsignal(number) is signal.SIG_DFL  # nohup ignores SIGHUP, and shall
    ]
    if signal.getsignal(INTERRUPT) is signal.default_int_handler:
        numbers.append(INTERRUPT)
    before = {number: signal.signal(number, _Handler()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Handler:
    """Raises what ends the command, where that is heard."""

    def __init__(self) -> None:
        self._since: float | None = None  # the first time that it had to wait

    def __call__(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        if (
            now - self._since < PATIENCE
            and _is_lost(frame)
            and call_soon(WAIT, lambda: signal.raise_signal(number))
        ):
            return
        self._since = None
        call_off()  # of another one that waits: cleaning up is not interrupted again
        if number == INTERRUPT:
            raise KeyboardInterrupt
        signal.signal(number, signal.SIG_DFL)
        raise Stopped(number)


def _is_lost(frame: FrameType | None) -> bool:
    """Whether Python drops what is raised here, or may make something else of it."""
    callbacks = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    files = (weakref.__file__, IMPORTS)
    while frame is not None:
        code = frame.f_code
        if code in callbacks or code.co_name == "__del__" or code.co_filename in files:
            return True
        frame = frame.f_back
    return False
