"""How long work says how far it is: a callable of (done, all), and several passes told as one."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]


def of_passes(progress: Progress | None, before: int, passes: int, count: int) -> Progress | None:
    """The progress of one pass over `count` things, as a part of all passes over them.

    Args:
        progress: called with the things done, and those of all passes; None: nobody looks.
        before: passes that are over.
        passes: how many there are.
        count: things in each.
    """
    if progress is None:
        return None
    return lambda done, _: progress(before * count + done, passes * count)
