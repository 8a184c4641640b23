"""Signals end a command as Ctrl-C does: its processes go, its journal stays, and it says so."""

import gc
import importlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path

import pytest

from benchmark_kit.cli import cli, main
from benchmark_kit.console import signals
from benchmark_kit.console.signals import Stopped, stopped_by_signals

RUN = """
import sys, time
from benchmark_kit.cli import main
from benchmark_kit.scoring import worker
score = worker.score_task
def slowly(*arguments):
    time.sleep({seconds})
    return score(*arguments)
worker.score_task = slowly
main()
"""


def test_a_signal_is_raised_once_and_handlers_come_back():
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]

    def terminated():
        with stopped_by_signals():
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)

    with pytest.raises(Stopped, match="SIGTERM") as caught:
        terminated()
    assert caught.value.number == signal.SIGTERM
    assert [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGHUP)] == before


class Finalised:
    """Sends itself a signal in the midst of its end."""

    def __init__(self, number):
        self.number = number

    def __del__(self):
        os.kill(os.getpid(), self.number)
        for _ in range(1000):
            pass


def collected(number):
    def callback(phase, _):
        if phase == "start":
            os.kill(os.getpid(), number)
            for _ in range(1000):
                pass

    gc.callbacks.append(callback)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(callback)


def finalised(number):
    thing = type("Thing", (), {})()
    weakref.finalize(thing, os.kill, os.getpid(), number)
    del thing


IMPORTED = """
import os, time
try:
    os.kill(os.getpid(), {number})
    time.sleep(0.05)
except BaseException:
    pass  # as compiled modules do
"""


def imported(number):
    with tempfile.TemporaryDirectory() as folder:
        name = f"interrupted_by_{int(number)}"
        Path(folder, f"{name}.py").write_text(IMPORTED.format(number=int(number)))
        sys.path.insert(0, folder)
        try:
            importlib.import_module(name)
        finally:
            sys.path.remove(folder)
            sys.modules.pop(name, None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("end", [Finalised, collected, finalised, imported])
def test_a_signal_waits_where_it_would_be_lost(end, number):
    """Python would print it and go on; pytest would fail on that."""

    def interrupted():
        with stopped_by_signals():
            end(number)
            time.sleep(5)

    kinds = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Stopped}
    began = time.monotonic()
    with pytest.raises(kinds[number]):
        interrupted()
    assert time.monotonic() - began < 4
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


def test_a_signal_waits_for_an_endless_import_no_longer_than_patience(monkeypatch):
    monkeypatch.setattr(signals, "PATIENCE", 0.1)
    monkeypatch.setattr(signals, "_is_lost", lambda frame: True)

    def interrupted():
        with stopped_by_signals():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert 0.09 < time.monotonic() - began < 4


def test_a_second_signal_does_not_wait_and_calls_the_first_one_off(monkeypatch):
    monkeypatch.setattr(signals, "_is_lost", lambda frame: True)
    monkeypatch.setattr(signals, "WAIT", 0.2)

    def interrupted():
        with stopped_by_signals():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - began < 4
    time.sleep(0.3)  # the first one would be raised here
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


@pytest.mark.parametrize("kind", [RuntimeError, ImportError])
def test_an_interruption_that_python_wraps_is_told_as_one(monkeypatch, capsys, kind):
    """Python 3.11 does so while a class is made, compiled modules while they are."""

    def interrupted(**_):
        raise kind("Error calling __set_name__ on …") from KeyboardInterrupt()

    monkeypatch.setattr(cli, "main", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["info"])
    assert ended.value.code == 130
    assert capsys.readouterr().err == "salbench: interrupted\n"


def test_an_ignored_signal_stays_ignored():
    kept = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with stopped_by_signals():
            os.kill(os.getpid(), signal.SIGHUP)
            time.sleep(0.01)
    finally:
        signal.signal(signal.SIGHUP, kept)


def runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("sent", "workers", "status", "says"),
    [
        (signal.SIGINT, 1, 130, "interrupted"),
        (signal.SIGTERM, 1, 143, "stopped by SIGTERM"),
        (signal.SIGHUP, 2, 129, "stopped by SIGHUP"),
        (signal.SIGINT, 2, 130, "interrupted"),
    ],
)
def test_a_stopped_run_says_how_to_go_on(folder_set, tmp_path, sent, workers, status, says):
    command = [sys.executable, "-c", RUN.format(seconds=0.1), "evaluate", str(folder_set.maps)]
    command += ["--dataset", "folder", "--root", str(folder_set.root), "--metrics", "nss", "-q"]
    command += ["--out", str(tmp_path / "r.json"), "--workers", str(workers)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    journal = tmp_path / "r.json.journal"
    deadline = time.monotonic() + 60
    lines = 2 if workers == 1 else 1  # the head; processes take their time to start
    while not (journal.exists() and journal.read_bytes().count(b"\n") >= lines):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.send_signal(sent)
    _, error = process.communicate(timeout=30)
    assert process.returncode == status
    assert error.strip() == (
        f"salbench: {says}; what was scored is kept; the same command with --resume goes on"
    )
    deadline = time.monotonic() + 30
    while any(runs(pid) for pid in children):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "maps", "r.json.journal"]
