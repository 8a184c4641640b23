"""Looking at all predictions, by all cores and in flat memory: each is read once.

A process hands back a few numbers a map; thumbnails are summed up where they are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmark_kit.packaging.checks.look import THUMBNAIL, Look, LookTask, look_at
from benchmark_kit.packaging.checks.stimuli import BoardStimuli
from benchmark_kit.packaging.submission import Submission
from benchmark_kit.parallel import in_order
from benchmark_kit.progress import Progress

CHUNK = 16  # maps that go to a process at once
COMPARED = 5  # maps that are compared with their own picture


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """Sums over the thumbnails of many maps.

    Args:
        number: maps that have a thumbnail.
        varied: of those, maps that are not constant.
        scaled: sum of the min-max scaled thumbnails (48, 64).
        unit: sum of the thumbnails as vectors of mean 0 and length 1 (3072,), constant ones
            left out.
    """

    number: int
    varied: int
    scaled: np.ndarray
    unit: np.ndarray

    def __add__(self, other: Thumbnails) -> Thumbnails:
        return Thumbnails(
            self.number + other.number,
            self.varied + other.varied,
            self.scaled + other.scaled,
            self.unit + other.unit,
        )

    @property
    def likeness(self) -> float | None:
        """Mean correlation over all pairs of maps, or None for fewer than two."""
        if self.varied < 2:
            return None
        pairs = self.varied * (self.varied - 1)
        return float((self.unit @ self.unit - self.varied) / pairs)


def no_thumbnails() -> Thumbnails:
    """The sums over no maps."""
    return Thumbnails(0, 0, np.zeros(THUMBNAIL), np.zeros(THUMBNAIL[0] * THUMBNAIL[1]))


def look_at_all(
    submission: Submission,
    stimuli: BoardStimuli,
    kind: str = "maps",
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[dict[str, Look], Thumbnails]:
    """Look at every prediction.

    Args:
        submission: predictions by image name, as `match_names` gives them.
        stimuli: the benchmark's pictures.
        kind: `"maps"` or `"densities"`.
        workers: number of processes; None: every core. Few maps are looked at in this one.
        progress: called with (maps done, maps in all).

    Returns:
        image name -> what was seen, in the submission's order; and the thumbnails' sums.

    Raises:
        ConfigError: fewer than one worker.
        RunFailed: a worker process died.
    """
    tasks = [
        LookTask(
            name,
            reference,
            stimuli.by_name[name].size,
            kind,
            stimuli.by_name[name].path if kind == "maps" and k < COMPARED else None,
        )
        for k, (name, (_, reference)) in enumerate(submission.entries.items())
    ]
    chunks = [tasks[i : i + CHUNK] for i in range(0, len(tasks), CHUNK)]
    looks: dict[str, Look] = {}
    sums = no_thumbnails()
    for found, thumbnails in in_order(look_at_chunk, chunks, len(tasks), workers):
        looks.update((look.name, look) for look in found)
        sums += thumbnails
        if progress is not None:
            progress(len(looks), len(tasks))
    return looks, sums


def look_at_chunk(tasks: Sequence[LookTask]) -> tuple[list[Look], Thumbnails]:
    """Look at some predictions; their thumbnails are added up."""
    looks, sums = [], no_thumbnails()
    for task in tasks:
        look = look_at(task)
        if look.thumbnail is not None:
            sums += _one(look.thumbnail)
        looks.append(replace(look, thumbnail=None))
    return looks, sums


def _one(thumbnail: np.ndarray) -> Thumbnails:
    low, high = thumbnail.min(), thumbnail.max()
    scaled = (thumbnail - low) / (high - low) if high > low else np.zeros(THUMBNAIL)
    deviations = (scaled - scaled.mean()).reshape(-1)
    length = float(np.sqrt(deviations @ deviations))
    unit = deviations / length if length > 0 else deviations
    return Thumbnails(1, int(length > 0), scaled, unit)
