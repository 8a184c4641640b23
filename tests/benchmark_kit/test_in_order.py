"""Work in processes: in order, and with its errors."""

import os

import pytest

from benchmark_kit import parallel
from benchmark_kit.errors import ConfigError, RunFailed
from benchmark_kit.parallel import in_order


def test_few_tasks_start_no_process():
    assert set(in_order(_own_process, range(3), 3, 4)) == {os.getpid()}


def _own_process(task):
    return os.getpid()


def test_many_start_some_and_come_in_order(monkeypatch):
    monkeypatch.setattr(parallel, "FEW", 1)
    assert list(in_order(abs, range(-9, 0), 9, 2)) == list(range(9, 0, -1))
    assert os.getpid() not in set(in_order(_own_process, range(9), 9, 2))


def test_a_dead_process_is_named_with_what_to_do(monkeypatch):
    monkeypatch.setattr(parallel, "FEW", 1)
    with pytest.raises(RunFailed, match=r"died.*fewer --workers"):
        list(in_order(os._exit, [1] * 9, 9, 2))


def test_fewer_than_one_worker_is_refused():
    with pytest.raises(ConfigError, match="--workers"):
        list(in_order(abs, [1], 1, 0))
