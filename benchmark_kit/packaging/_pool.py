"""Work on many images in processes: results in order, and only a few of them in memory."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from benchmark_kit.errors import ConfigError, RunFailed
from benchmark_kit.scoring.engine_pool import default_workers, one_thread_each

Task = TypeVar("Task")
Result = TypeVar("Result")
FEW = 24  # tasks that are done before a process has started


def in_order(
    work: Callable[[Task], Result], tasks: Iterable[Task], count: int, workers: int | None
) -> Generator[Result, None, None]:
    """`work(task)` for every task, in the tasks' order.

    Tasks are taken as there is room for them, so they may be made on the way.

    Args:
        work: a function of a module.
        tasks: what can be pickled.
        count: number of tasks.
        workers: processes; None: every core.

    Raises:
        ConfigError: fewer than one worker, or a call from a script without a main guard.
        RunFailed: a process died.
    """
    workers = default_workers() if workers is None else workers
    if workers < 1:
        raise ConfigError(f"--workers must be at least 1, got {workers}")
    if workers == 1 or count <= FEW:
        yield from map(work, tasks)
        return
    if multiprocessing.current_process().name != "MainProcess":
        raise ConfigError(
            "package() was reached while a worker process imported the calling script. "
            'Fix: put the call under  if __name__ == "__main__":'
        )
    yield from _in_pool(work, tasks, workers)


def _in_pool(
    work: Callable[[Task], Result], tasks: Iterable[Task], workers: int
) -> Generator[Result, None, None]:
    context = multiprocessing.get_context("spawn")
    with one_thread_each():
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts)
        waiting: deque[Future[Result]] = deque()
        try:
            for task in tasks:
                waiting.append(pool.submit(work, task))
                if len(waiting) > 2 * workers + 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise RunFailed(
                "a worker process died (killed, or out of memory). Fix: fewer --workers; a script "
                'that calls package() needs  if __name__ == "__main__":'
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts() -> None:
    """Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
