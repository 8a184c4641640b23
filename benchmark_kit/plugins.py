"""Other packages' entry points: one that fails in any way costs a line on stderr, nothing else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any, TypeVar

from benchmark_kit.escaping import visible

Found = TypeVar("Found")
MOST = 300  # characters of a reason


def use_plugin(entry: EntryPoint, what: str, use: Callable[[Any], Found]) -> Found | None:
    """What `use` makes of a plug-in's object.

    Args:
        entry: where it is.
        what: what the line calls it, for instance `"salbench: command"`.
        use: called with the loaded object; raises if it is not what it should be.

    Returns:
        None where loading or using fails; the reason then stands on stderr.
    """
    try:
        return use(entry.load())
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # another package's module may fail in any way, exits included
        reason = visible(" ".join(str(error).split()))[:MOST]
        if isinstance(error, SystemExit):
            reason = f"it exits with {reason or 0}"
        line = f"{what} {entry.name!r} of {entry.value} is left out: "
        print(visible(line) + (reason or type(error).__name__), file=sys.stderr)
        return None
