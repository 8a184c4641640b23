"""SIGTERM and SIGHUP end a command as Ctrl-C does: half-written files go, workers end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from benchmark_kit.systems import stopping_signals

STOPS = stopping_signals()


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
    """Raise `Stopped` in the block; a second signal ends the process at once."""
    before = {
        number: signal.signal(number, _stop)
        for number in STOPS
        if signal.getsignal(number) is signal.SIG_DFL  # nohup ignores SIGHUP, and shall
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise Stopped(number)
