"""Opens a finished package as the board's reader would, and proves that every map is in it.

When a map was encoded it was compared with its source, and a digest of its pixels kept; what the
file gives now has to be the very same pixels, under the same image's name, and nothing besides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmark_kit.errors import InputError, Problem
from benchmark_kit.imaging.images import MOST_PIXELS, DecodeError
from benchmark_kit.leaderboards.rules import Board
from benchmark_kit.maps.sources import Reference
from benchmark_kit.packaging.stores import get_store
from benchmark_kit.packaging.stores.store import Encoded, digest_of
from benchmark_kit.packaging.submission import open_submission
from benchmark_kit.parallel import in_order

Task = tuple[str, Reference, str]


def read_back(
    path: Path,
    board: Board,
    kind: str,
    store: str,
    proofs: Sequence[Encoded],
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Decode a finished file and compare every map with what was encoded.

    Args:
        path: the file.
        board: its leaderboard.
        kind: `"maps"` or `"densities"`.
        store: how the maps were encoded.
        proofs: what was written, in order; `data` may be empty by now.
        workers: processes; None: every core.
        progress: called with (maps read, maps in all).

    Raises:
        InputError: E505, a map that is missing, in excess, or not the one that was encoded, or that
            rounding does not explain.
    """
    way = get_store(store)
    order = [one.name for one in proofs] if way.ordered else []
    submission = open_submission(path, board, kind, order=order)
    found = dict(submission.source.entries)
    wanted = {way.place(one): one for one in proofs}
    wrong: dict[str, list[str]] = {}
    for problem in submission.problems:
        wrong.setdefault(problem.found, []).extend(problem.where or (path.name,))
    for place, one in wanted.items():
        if place not in found:
            wrong.setdefault("maps that were written and are not there", []).append(one.name)
        if not one.error <= way.allowed:
            text = f"{one.name} ({one.error:.3g}, allowed {way.allowed:.3g})"
            wrong.setdefault("maps farther from their source than rounding explains", []).append(
                text
            )
    for place in found.keys() - wanted.keys():
        wrong.setdefault("members that were not written", []).append(place)
    tasks = [(one.name, found[p], one.pixels) for p, one in wanted.items() if p in found]
    outcomes = in_order(_compare, tasks, len(tasks), workers)
    for done, (task, defect) in enumerate(zip(tasks, outcomes, strict=True), start=1):
        if defect:
            wrong.setdefault(defect, []).append(task[0])
        if progress is not None:
            progress(done, len(tasks))
    if wrong:
        fix = "package again; if it happens again, report it as a bug"
        raise InputError(
            f"{path.name} does not hold what was to be written",
            [Problem("E505", tuple(sorted(where)), text, fix=fix) for text, where in wrong.items()],
        )


def largest_error(proofs: Sequence[Encoded]) -> Mapping[str, object]:
    """Image and value of the largest distance from a source map, as the manifest keeps it."""
    worst = max(proofs, key=lambda one: one.error)
    unit = "of the largest value" if worst.dtype.startswith("float") else f"{worst.dtype} levels"
    return {"image": worst.name, "value": float(f"{worst.error:.6g}"), "unit": unit}


def _compare(task: Task) -> str:
    _, reference, pixels = task
    try:
        decoded = reference.read(MOST_PIXELS)
    except DecodeError as error:
        return f"maps that cannot be read: {error.found}"
    return "" if digest_of(decoded) == pixels else "maps of other pixels than were encoded"
