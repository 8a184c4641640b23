"""Which fixations belong to one viewing: a person may see a picture twice.

A trial's number tells it where the table has one. Elsewhere a new viewing begins where the picture
comes again after another one, or where time or order starts again. A table whose rows are not in
order would seem to begin anew at every other row: its fixations of a picture are one viewing.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

LEAST = 2  # rows that a viewing has on average, if rows are in order


def viewings(
    images: Sequence[str],
    subjects: Sequence[str],
    trials: Sequence[str],
    times: Sequence[float] | None,
) -> list[Hashable]:
    """What tells the viewing of each row of a table from the others of its picture and observer.

    Args:
        images: of each row, in the table's order.
        subjects: likewise.
        trials: likewise; empty text where the table does not tell.
        times: likewise, in any unit; None where the table does not tell.
    """
    runs: dict[str, int] = {}  # of each observer
    last: dict[str, tuple[str, str, float]] = {}
    found: list[int] = []
    for k, (image, subject, trial) in enumerate(zip(images, subjects, trials, strict=True)):
        time = float(k) if times is None else times[k]
        before = last.get(subject)
        if before is None or before[:2] != (image, trial) or time < before[2]:
            runs[subject] = runs.get(subject, -1) + 1
        last[subject] = (image, trial, time)
        found.append(runs[subject])
    places: dict[tuple[str, str, str], list[int]] = {}
    for k, key in enumerate(zip(images, subjects, trials, strict=True)):
        places.setdefault(key, []).append(k)
    told: list[Hashable] = [None] * len(found)
    for (_, _, trial), rows in places.items():
        in_order = len({found[k] for k in rows}) * LEAST <= len(rows)
        for k in rows:
            told[k] = (trial, found[k] if in_order else 0)
    return told
