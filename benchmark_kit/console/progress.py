"""Progress: a bar with rate and time left in a terminal or a notebook, two lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmark_kit.escaping import visible


@contextmanager
def progress_bar(
    what: str, quiet: bool = False, unit: str = "images"
) -> Iterator[Callable[[int, int], None] | None]:
    """A callable of (done, all; 0 where nobody knows), or None where nobody wants to see it.

    Args:
        what: the work, for instance `"scoring"`.
        quiet: show nothing.
        unit: what is counted.

    Example:
        >>> with progress_bar("scoring") as progress:
        ...     results = evaluate("maps", "folder", root="mine", progress=progress)
    """
    if quiet:
        yield None
        return
    if _in_notebook():
        yield from _cell(what, unit)
        return
    if not sys.stderr.isatty():
        yield from _lines(what, unit)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),  # a model's name may hold brackets
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    # the terminal itself: sys.stderr lets no control characters through
    terminal = Console(file=sys.__stderr__)
    with Progress(*columns, console=terminal, transient=True) as bar:
        task = bar.add_task(visible(what), total=None, rate="")
        first: list[tuple[float, int]] = []

        def update(done: int, total: int) -> None:
            first.append((time.monotonic(), done)) if not first else None
            seconds = time.monotonic() - first[0][0]
            rate = (done - first[0][1]) / seconds if seconds > 0 else 0.0
            bar.update(task, completed=done, total=total or None, rate=_per_second(rate))

        yield update


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")  # whoever is in a notebook has imported it
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def _cell(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A bar below the cell, of IPython's own."""
    from IPython.display import ProgressBar

    bars: list[ProgressBar] = []
    print(f"{visible(what)} {unit}", file=sys.stderr)

    def update(done: int, total: int) -> None:
        if not bars:
            bars.append(ProgressBar(total or done))
            bars[0].display()
        bars[0].total = total or done
        bars[0].progress = done

    yield update


def _per_second(rate: float) -> str:
    """Work that takes seconds each has a rate, too."""
    return f"{rate:.{0 if rate >= 10 else 1}f}/s" if rate else ""


def _lines(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    began = time.monotonic()
    seen: list[int] = []

    def update(done: int, total: int) -> None:
        if not seen:
            shown = unit.removesuffix("s") if total == 1 else unit
            print(f"{what} {total} {shown}" if total else f"{what} {unit}", file=sys.stderr)
            seen.append(total)

    yield update
    if seen:
        print(f"{what} done in {time.monotonic() - began:.1f} s", file=sys.stderr)
