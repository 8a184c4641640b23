"""Workers: results one by one, errors and deaths at once, and no process that outlives its run."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from functools import partial

import numpy as np
import pytest

from benchmark_kit import parallel
from benchmark_kit.errors import ConfigError, InputError, Problem, RunFailed
from benchmark_kit.parallel import (
    THREAD_VARIABLES,
    WorkerDied,
    default_workers,
    number_of_workers,
    one_thread_each,
    run_tasks,
)


def test_results_come_in_the_tasks_order():
    tasks = list(range(-40, 40))
    for workers in (1, 2, 3):
        assert list(run_tasks(abs, tasks, workers)) == [abs(task) for task in tasks]


def test_results_come_as_they_are_done_where_order_is_not_asked_for():
    tasks = [0.5, 0.0, 0.1, 0.2]
    assert sorted(run_tasks(_slept, tasks, 2, in_order=False)) == sorted(tasks)
    # what is done does not wait for the slow first one
    with closing(run_tasks(_slept, [20.0, 0.0], 2, in_order=False)) as results:
        assert next(results) == 0.0


def _slept(seconds):
    time.sleep(seconds)
    return seconds


def test_no_more_tasks_are_taken_than_there_is_room_for():
    taken = []

    def tasks():
        for k in range(100):
            taken.append(k)
            yield k

    found = run_tasks(abs, tasks(), 2)
    next(found)
    assert len(taken) <= 6
    found.close()


def test_one_worker_is_this_process_and_several_are_others():
    assert {*run_tasks(os.getppid, [], 1)} == set()
    assert {*run_tasks(_own_process, range(3), 1)} == {os.getpid()}
    others = {*run_tasks(_own_process, range(9), 2)}
    assert os.getpid() not in others
    assert len(others) <= 2


def _own_process(_):
    return os.getpid()


def test_large_tasks_and_results_do_not_lock_each_other():
    large = [b"x" * 2_000_000] * 12  # far more than a socket holds, both ways at once
    assert list(run_tasks(bytes, large, 2)) == large


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_reaches_the_caller(workers):
    with pytest.raises(ValueError, match="nine"):
        list(run_tasks(int, ["7", "8", "nine", "10"], workers))


def test_an_error_tells_where_it_came_from_and_keeps_what_it_carries():
    with pytest.raises(ValueError, match="nine") as caught:
        list(run_tasks(int, ["nine"], 2))
    assert "In a worker process" in caught.value.__notes__[0]
    with pytest.raises(InputError) as caught:
        list(run_tasks(_refuse, ["a"], 2))
    assert caught.value.problems == (Problem("E301", ("a",), "no"),)
    with pytest.raises(RunFailed, match="Odd: 1 and 2"):
        list(run_tasks(_odd, [1], 2))


def _refuse(name):
    raise InputError("bad", [Problem("E301", (name,), "no")])


class Odd(Exception):
    def __init__(self, a, b):
        super().__init__(f"{a} and {b}")


def _odd(task):
    raise Odd(task, 2)


def test_a_dead_worker_is_named_at_once():
    with pytest.raises(WorkerDied, match="died: it ended with exit status 1"):
        list(run_tasks(os._exit, [1] * 9, 2))
    with pytest.raises(WorkerDied, match="SIGKILL"):
        list(run_tasks(_kill_itself, [9] * 9, 2))


def _kill_itself(number):
    os.kill(os.getpid(), number)


def test_a_worker_that_dies_before_it_has_read_its_work_is_named(monkeypatch):
    monkeypatch.setattr(parallel, "PROGRAM", "import os; os._exit(3)")
    work = partial(np.add, np.zeros(2_000_000))  # does not fit into a socket
    began = time.monotonic()
    with pytest.raises(WorkerDied, match="exit status 3"):
        list(run_tasks(work, range(4), 2))
    assert time.monotonic() - began < 30


def test_what_a_worker_cannot_load_is_told(monkeypatch):
    here = type("OnlyHere", (), {"__module__": "__main__"})
    monkeypatch.setattr(sys.modules["__main__"], "OnlyHere", here, raising=False)
    with pytest.raises(RunFailed, match=r"cannot load what it was given.*--workers 1"):
        list(run_tasks(str, [here()], 2))
    with pytest.raises(RunFailed, match=r"cannot load what it was given.*--workers 1"):
        list(run_tasks(partial(isinstance, here()), [str], 2))


def test_no_process_to_be_had_is_one_message(monkeypatch):
    def none_left(*_, **__):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    for name in ("Pipe", "subprocess.Popen"):
        with monkeypatch.context() as patch:
            if name == "Pipe":
                patch.setattr(parallel, name, none_left)
            else:
                patch.setattr(subprocess, "Popen", none_left)
            with pytest.raises(RunFailed, match=r"Too many open files.*ulimit -n"):
                list(run_tasks(abs, [1], 2))


def test_workers_run_from_other_threads_too():
    found = []
    thread = threading.Thread(target=lambda: found.extend(run_tasks(abs, [-1, -2], 2)))
    thread.start()
    thread.join()
    assert found == [1, 2]


def _hold(connection):
    """Start two busy workers, tell who they are, and wait to be killed."""
    results = run_tasks(_tell, [connection.fileno()] * 2, 2)
    with closing(results):
        connection.send([next(results), next(results)])
        time.sleep(60)


def _tell(_):
    time.sleep(0.2)  # so that each of the two takes one
    return os.getpid()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_workers_end_with_their_parent(number):
    ours, theirs = multiprocessing.Pipe()
    parent = multiprocessing.get_context("fork").Process(target=_hold, args=(theirs,))
    parent.start()
    assert ours.poll(20)
    workers = ours.recv()
    os.kill(parent.pid, number)
    parent.join(10)
    deadline = time.monotonic() + 30
    while any(_runs(pid) for pid in workers):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.02)


def _runs(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_default_is_every_core_that_may_be_used():
    assert default_workers() == number_of_workers(None) == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("workers", [0, -1])
def test_fewer_than_one_worker_is_refused(workers):
    with pytest.raises(ConfigError, match="at least 1"):
        number_of_workers(workers)


def test_threads_are_limited_inside_and_as_before_outside(monkeypatch):
    from threadpoolctl import threadpool_info

    def threads():
        return {library["num_threads"] for library in threadpool_info()}

    first, second = THREAD_VARIABLES[:2]
    monkeypatch.setenv(first, "7")
    monkeypatch.delenv(second, raising=False)
    before = threads()

    def broken():
        with one_thread_each():
            assert {os.environ[name] for name in THREAD_VARIABLES} == {"1"}
            assert threads() == {1}
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert os.environ[first] == "7"
    assert second not in os.environ
    assert threads() == before
