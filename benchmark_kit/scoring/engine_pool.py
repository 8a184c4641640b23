"""The default engine: a pool of processes over images, the reference for every other.

Each image is scored by itself, in float64, on one thread, seeded by its name: the rows do not
depend on the number of workers or on the order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from benchmark_kit.errors import InputError, Problem, RunFailed
from benchmark_kit.parallel import WorkerDied, number_of_workers, run_tasks
from benchmark_kit.scoring.plan import ScoringPlan
from benchmark_kit.scoring.worker import ChunkScorer, Refused, Task
from benchmark_kit.types import Row

CHUNK = 32  # images a task: hand-over then costs under 0.05 ms an image


def score_in_pool(
    plan: ScoringPlan,
    tasks: Sequence[Task],
    *,
    workers: int | None = None,
    on_rows: Callable[[list[Row]], None] | None = None,
) -> list[Row]:
    """Score tasks in worker processes.

    Args:
        plan: what to score.
        tasks: one an image.
        workers: number of processes; None: every core; 1: this process alone.
        on_rows: called with each finished block, in order of completion (a journal, a bar).

    Returns:
        rows in the tasks' order.

    Raises:
        InputError: maps that cannot be scored; all of them are listed.
        RunFailed: a worker process died.
        ConfigError: fewer than one worker.
    """
    workers = number_of_workers(workers)
    if not tasks:
        return []
    chunks = make_chunks(tasks, workers)
    rows: dict[str, Row] = {}
    refused: list[Refused] = []
    # taken one by one: what comes after a bad map is looked at, not scored
    given = ((chunk, bool(refused)) for chunk in chunks)
    outcomes = run_tasks(ChunkScorer(plan), given, min(workers, len(chunks)), in_order=False)
    try:
        with closing(outcomes):
            for outcome in outcomes:
                good = [row for row in outcome if isinstance(row, Row)]
                refused += [row for row in outcome if isinstance(row, Refused)]
                if refused:
                    good = []  # the run will end in one list of all bad maps
                rows.update((row.name, row) for row in good)
                if good and on_rows is not None:
                    on_rows(good)
    except WorkerDied as error:
        raise RunFailed(
            f"{error}. Fix: run the same command with --resume (needs --out), perhaps with fewer "
            "--workers"
        ) from None
    if refused:
        raise InputError(
            f"{len(refused)} of {len(tasks)} maps cannot be scored; nothing was written",
            merge_problems(refused),
        )
    return [rows[task.name] for task in tasks]


def make_chunks(tasks: Sequence[Task], workers: int) -> list[list[Task]]:
    """Tasks in blocks: images of one size together (workers keep what a size needs), and all maps
    of one image (its truth is prepared once). Blocks shrink to the end of a run, so that no worker
    has a whole one left when the others are done.
    """
    ordered = sorted(tasks, key=lambda task: (task.truth.size, task.truth.name))
    chunks: list[list[Task]] = []
    start = 0
    while start < len(ordered):
        size = min(CHUNK, -(-(len(ordered) - start) // (workers * 4)))
        chunks.append(ordered[start : start + size])
        start += size
    return chunks


def merge_problems(refused: Sequence[Refused]) -> list[Problem]:
    """One problem a code and finding, with all its places in order."""
    places: dict[tuple[str, str, str, str], list[str]] = {}
    for one in refused:
        for p in one.problems:
            places.setdefault((p.code, p.found, p.expected, p.fix), []).extend(p.where)
    return [
        Problem(code, tuple(sorted(where)), found, expected, fix)
        for (code, found, expected, fix), where in sorted(places.items())
    ]
