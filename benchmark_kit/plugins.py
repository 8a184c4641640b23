"""Other packages' entry points: one that fails in any way costs a line on stderr, nothing else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any, TypeVar

from benchmark_kit.escaping import visible

Found = TypeVar("Found")
MOST = 300  # characters of a reason
_said: set[str] = set()


def use_plugin(entry: EntryPoint, what: str, use: Callable[[Any], Found]) -> Found | None:
    """What `use` makes of a plug-in's object.

    Args:
        entry: where it is.
        what: what the line calls it, for instance `"salbench: command"`.
        use: called with the loaded object; raises if it is not what it should be.

    Returns:
        None where loading or using fails; the reason then stands on stderr, once.
    """
    try:
        return use(entry.load())
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # another package's module may fail in any way, exits included
        tell_left_out(entry, what, error)
        return None


def tell_left_out(entry: EntryPoint, what: str, error: BaseException) -> None:
    """Name a plug-in that failed, once, in one line."""
    try:
        reason = visible(" ".join(str(error).split()))[:MOST]
    except Exception:  # its text is the package's code, too
        reason = ""
    if isinstance(error, SystemExit):
        reason = f"it exits with {reason or 0}"
    line = visible(f"{what} {entry.name!r} of {entry.value} is left out: ")
    line += reason or type(error).__name__
    if line not in _said:
        _said.add(line)
        print(line, file=sys.stderr)
