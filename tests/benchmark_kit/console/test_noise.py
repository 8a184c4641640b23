"""TensorFlow's log lines are held back while it is imported, and nothing else is."""

import os
import subprocess
import sys

import pytest

TENSORFLOW = r"""
import os, sys
os.write(2, b"WARNING: All log messages before absl::InitializeLog() are written to STDERR\n")
os.write(2, b"I0000 00:00:1795.7 123 port.cc:153] oneDNN custom operations are on.\n")
os.write(2, b"2026-11-29 01:02:03.4: W tensorflow/core/x.cc:1] something\n")
print("of Python", file=sys.stderr)
os.write(2, b"a line that is no log\n")
"""
PROGRAM = """
import sys
from benchmark_kit.console.noise import quiet_tensorflow
from benchmark_kit.console.streams import open_streams
open_streams()
quiet_tensorflow()
import tensorflow
print("after", file=sys.stderr)
"""
LOGGED = ("absl::InitializeLog", "oneDNN", "tensorflow/core")


@pytest.fixture
def told(tmp_path):
    """`told(more, **environment)`: a program that imports a stand-in, as it ended."""

    def run(more="", **environment):
        (tmp_path / "tensorflow.py").write_text(TENSORFLOW + more)
        kept = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
        path = os.pathsep.join([str(tmp_path), *filter(None, [kept.get("PYTHONPATH")])])
        return subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**kept, "PYTHONPATH": path, **environment},
            capture_output=True,
            text=True,
        )

    return run


def test_log_lines_are_left_out_and_all_else_is_shown(told):
    done = told()
    assert done.returncode == 0, done.stderr
    assert sorted(done.stderr.splitlines()) == ["a line that is no log", "after", "of Python"]


def test_who_asks_for_the_log_gets_it(told):
    found = told(TF_CPP_MIN_LOG_LEVEL="0").stderr
    assert all(line in found for line in LOGGED)


def test_an_import_that_fails_is_told_with_what_was_said_before(told):
    done = told("raise ImportError('no such library')")
    assert done.returncode == 1
    assert "a line that is no log" in done.stderr
    assert "no such library" in done.stderr
