"""The default engine: a pool of processes over images, the reference for every other.

Each image is scored by itself, in float64, on one thread, seeded by its name: the rows do not
depend on the number of workers or on the order.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext

from benchmark_kit.errors import ConfigError, InputError, Problem, RunFailed
from benchmark_kit.scoring.plan import ScoringPlan
from benchmark_kit.scoring.worker import Refused, Task, score_chunk, start
from benchmark_kit.types import Row

CHUNK = 32  # images a task: hand-over then costs under 0.05 ms an image
THREAD_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def default_workers() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
        workers: number of processes; None: every core.
        on_rows: called with each finished block, in order of completion (a journal, a bar).

    Returns:
        rows in the tasks' order.

    Raises:
        InputError: maps that cannot be scored; all of them are listed.
        RunFailed: a worker process died.
        ConfigError: fewer than one worker, or a call from a script without a main guard.
    """
    workers = default_workers() if workers is None else workers
    if workers < 1:
        raise ConfigError(f"--workers must be at least 1, got {workers}")
    if multiprocessing.current_process().name != "MainProcess":
        raise ConfigError(
            "evaluate() was reached while a worker process imported the calling script. "
            'Fix: put the call under  if __name__ == "__main__":'
        )
    if not tasks:
        return []
    chunks = make_chunks(tasks, workers)
    rows: dict[str, Row] = {}
    refused: list[Refused] = []
    for outcome in _outcomes(plan, chunks, min(workers, len(chunks)), refused):
        good = [row for row in outcome if isinstance(row, Row)]
        refused += [row for row in outcome if isinstance(row, Refused)]
        if refused:
            # the run will end in one list of all bad maps: the rest is looked at, not scored
            good = []
        rows.update((row.name, row) for row in good)
        if good and on_rows is not None:
            on_rows(good)
    if refused:
        raise InputError(
            f"{len(refused)} of {len(tasks)} maps cannot be scored; nothing was written",
            merge_problems(refused),
        )
    return [rows[task.name] for task in tasks]


def make_chunks(tasks: Sequence[Task], workers: int) -> list[list[Task]]:
    """Tasks in blocks of one image size (workers keep what a size needs), small for small runs."""
    size = max(1, min(CHUNK, -(-len(tasks) // (workers * 4))))
    ordered = sorted(tasks, key=lambda task: task.truth.size)
    return [list(ordered[i : i + size]) for i in range(0, len(ordered), size)]


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


def _outcomes(
    plan: ScoringPlan, chunks: list[list[Task]], workers: int, refused: list[Refused]
) -> Iterator[list[Row | Refused]]:
    context = multiprocessing.get_context("spawn")
    with one_thread_each(), _pool(workers, context, plan) as pool:
        waiting: set[Future] = set()
        todo = iter(chunks)
        try:
            while True:
                while len(waiting) < workers * 2:
                    chunk = next(todo, None)
                    if chunk is None:
                        break
                    waiting.add(pool.submit(score_chunk, chunk, bool(refused)))
                if not waiting:
                    return
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool:
            raise RunFailed(
                "a worker process died (killed, or out of memory). Fix: run the same command with "
                "--resume (needs --out), perhaps with fewer --workers; a script that calls "
                'evaluate() needs  if __name__ == "__main__":'
            ) from None


@contextmanager
def _pool(workers: int, context: BaseContext, plan: ScoringPlan) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=start, initargs=(plan,))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown(wait=True)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Processes started inside use one BLAS thread: workers are the parallelism, and a sum that
    threads split differently would move the last digit.
    """
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
