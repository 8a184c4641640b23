"""Work in processes that end with their run: results as they come, and a dead worker is an error.

A worker is a command of its own that speaks with this process over one socket. So it never imports
the calling script (no main guard is needed; notebooks, standard input and child processes will do),
takes no shared memory, and ends when the socket closes, whatever ended this process. One worker is
none: its work is done here.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Pipe, wait
from typing import Any, TypeVar

from benchmark_kit.errors import ConfigError, RunFailed
from benchmark_kit.systems import kept_memory, start_apart

Task = TypeVar("Task")
Result = TypeVar("Result")

THREAD_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
ONE_EACH = dict.fromkeys(THREAD_VARIABLES, "1")
AHEAD = 2  # tasks that a worker has at once: the next is there before the last is done
FEW = 24  # tasks that are done before a process has started
LOOK_SECONDS = 1.0  # between two looks whether silent workers live
PROGRAM = (
    "import sys; sys.path[:] = {path!r}; "
    "from benchmark_kit._worker_process import spawn_main; spawn_main({socket}, {parent})"
)


class WorkerDied(RunFailed):
    """A worker process ended before its work did."""


def default_workers() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def number_of_workers(asked: int | None) -> int:
    """The number asked for; None: every core.

    Raises:
        ConfigError: fewer than one.
    """
    workers = default_workers() if asked is None else asked
    if workers < 1:
        raise ConfigError(f"--workers must be at least 1, got {workers}")
    return workers


def run_tasks(
    work: Callable[[Task], Result],
    tasks: Iterable[Task],
    workers: int,
    *,
    in_order: bool = True,
) -> Generator[Result, None, None]:
    """`work(task)` for every task.

    Tasks are taken as there is room for them, so they may be made on the way.

    Args:
        work: a function of a module, or an object that can be pickled and called: every worker has
            one copy, which may keep what several tasks need.
        tasks: what can be pickled.
        workers: number of processes; with one everything is done in this process.
        in_order: results in the tasks' order, otherwise as they come.

    Raises:
        RunFailed: a worker cannot be started.
        WorkerDied: one ended early.
    """
    if workers == 1:
        with one_thread_each(), kept_memory():
            yield from map(work, tasks)
        return
    crew: list[_Worker] = []
    try:
        for _ in range(workers):
            crew.append(_Worker())
        first = pickle.dumps(work)  # once for all
        for worker in crew:
            worker.send(first)
        yield from _results(crew, iter(tasks), in_order)
    finally:
        for worker in crew:
            worker.end()


def _results(crew: list[_Worker], tasks: Iterator[Any], in_order: bool) -> Iterator[Any]:
    room = AHEAD * len(crew) + 1
    finished: dict[int, Any] = {}
    given = taken = 0
    more = True
    while True:
        while more and given - taken < room:
            worker = min(crew, key=lambda worker: worker.tasks)
            if worker.tasks >= AHEAD:
                break
            try:
                task = next(tasks)
            except StopIteration:
                more = False
                break
            worker.send(pickle.dumps((given, task)))
            worker.tasks += 1
            given += 1
        if given == taken:
            return
        for worker in _speaking(crew):
            place, result = worker.receive()
            finished[place] = result
        for place in [taken] if in_order else sorted(finished):
            while place in finished:
                taken += 1
                yield finished.pop(place)
                place += 1


def _speaking(crew: list[_Worker]) -> list[_Worker]:
    """Workers that have sent something; waits until there is one.

    Raises:
        WorkerDied: one has ended.
    """
    sockets = {worker.socket: worker for worker in crew}
    while True:
        if found := wait(list(sockets), LOOK_SECONDS):
            return [sockets[one] for one in found]  # type: ignore[index]
        for worker in crew:
            # a process that it has started may still hold its end of the socket
            if worker.process.poll() is not None:
                raise worker.died()


class _Worker:
    """A process and this end of the socket to it."""

    def __init__(self) -> None:
        self.tasks = 0
        try:
            self.socket, theirs = Pipe()
        except OSError as error:
            raise _cannot_start(error) from None
        try:
            self.process = start_apart(
                _command, theirs, stdin=subprocess.DEVNULL, env={**os.environ, **ONE_EACH}
            )
        except OSError as error:
            self.socket.close()
            raise _cannot_start(error) from None
        finally:
            theirs.close()

    def send(self, data: bytes) -> None:
        """Give it something, already pickled."""
        try:
            self.socket.send_bytes(data)
        except OSError:
            raise self.died() from None

    def receive(self) -> tuple[int, Any]:
        """Place and result of a task that is done.

        Raises:
            WorkerDied: it has ended.
            Exception: what the work raised.
        """
        try:
            data = self.socket.recv_bytes()
        except (EOFError, OSError):
            raise self.died() from None
        self.tasks -= 1
        place, result, error = pickle.loads(data)
        if error is not None:
            raise error
        return place, result

    def died(self) -> WorkerDied:
        """The error that tells how it ended."""
        try:
            status = self.process.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            how = "closed its socket"
        else:
            how = (
                f"was ended by {signal.Signals(-status).name}, perhaps for want of memory"
                if status < 0
                else f"ended with exit status {status}"
            )
        return WorkerDied(f"a worker process died: it {how}")

    def end(self) -> None:
        """End it now; a worker writes nothing that could stay half-written."""
        self.socket.close()
        self.process.kill()
        self.process.wait()


def _command(socket: int) -> list[str]:
    program = PROGRAM.format(
        path=[str(part) for part in sys.path], socket=socket, parent=os.getpid()
    )
    return [sys.executable, "-X", f"utf8={sys.flags.utf8_mode}", "-c", program]


def _cannot_start(error: OSError) -> RunFailed:
    return RunFailed(
        f"cannot start a worker process: {error.strerror}. "
        "Fix: fewer --workers (one starts no process), or a higher limit (ulimit -n, ulimit -u)"
    )


@contextmanager
def one_thread_each() -> Iterator[None]:
    """This process, and processes started inside, use one BLAS thread: workers are the
    parallelism, and a sum that threads split differently would move the last digit.
    """
    from threadpoolctl import threadpool_limits

    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(ONE_EACH)  # for libraries that are loaded inside
    try:
        with threadpool_limits(1):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


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
