"""Work in processes: in order, bounded, and with its errors."""

import os

import pytest

from benchmark_kit.errors import ConfigError, RunFailed
from benchmark_kit.packaging import _pool
from benchmark_kit.packaging._pool import in_order


def test_results_come_in_the_tasks_order(monkeypatch):
    monkeypatch.setattr(_pool, "FEW", 1)
    tasks = list(range(-40, 40))
    assert list(in_order(abs, tasks, len(tasks), 2)) == [abs(task) for task in tasks]


def test_no_more_tasks_are_taken_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(_pool, "FEW", 1)
    taken = []

    def tasks():
        for k in range(100):
            taken.append(k)
            yield k

    found = in_order(abs, tasks(), 100, 2)
    next(found)
    assert len(taken) <= 6
    found.close()


def test_few_tasks_start_no_process():
    assert set(in_order(_own_process, range(3), 3, 4)) == {os.getpid()}


def _own_process(task):
    return os.getpid()


def test_an_error_in_a_process_reaches_the_caller(monkeypatch):
    monkeypatch.setattr(_pool, "FEW", 1)
    with pytest.raises(ValueError, match="nine"):
        list(in_order(int, ["7", "8", "nine", "10"], 4, 2))


def test_a_dead_process_is_named(monkeypatch):
    monkeypatch.setattr(_pool, "FEW", 1)
    with pytest.raises(RunFailed, match="died"):
        list(in_order(os._exit, [1] * 9, 9, 2))


def test_fewer_than_one_worker_is_refused():
    with pytest.raises(ConfigError, match="--workers"):
        list(in_order(abs, [1], 1, 0))
