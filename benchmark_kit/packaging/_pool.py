"""Work on many images in processes: results in order, and only a few of them in memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from typing import TypeVar

from benchmark_kit.errors import RunFailed
from benchmark_kit.parallel import WorkerDied, number_of_workers, run_tasks

Task = TypeVar("Task")
Result = TypeVar("Result")
FEW = 24  # tasks that are done before a process has started


def in_order(
    work: Callable[[Task], Result], tasks: Iterable[Task], count: int, workers: int | None
) -> Generator[Result, None, None]:
    """`work(task)` for every task, in the tasks' order.

    Args:
        work: a function of a module.
        tasks: what can be pickled; taken as there is room for them.
        count: number of tasks.
        workers: processes; None: every core.

    Raises:
        ConfigError: fewer than one worker.
        RunFailed: a process died.
    """
    workers = number_of_workers(workers)
    try:
        with closing(run_tasks(work, tasks, 1 if count <= FEW else workers)) as results:
            yield from results
    except WorkerDied as error:
        raise RunFailed(f"{error}. Fix: fewer --workers") from None
