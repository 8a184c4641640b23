"""pysaliency reads the fixations that we write, and what it writes is imported.

Runs where PYSALIENCY_PYTHON names a Python with pysaliency 0.2.22 and numpy < 2.
"""

import os
import subprocess

import numpy as np
import pytest

from benchmark_kit.calls.write_pysaliency import write_pysaliency
from benchmark_kit.trackers.dataset import import_tables

READ_AND_WRITE = """
import os, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from pysaliency.datasets import read_hdf5

given, out = sys.argv[1:]
fixations = read_hdf5(os.path.join(given, "fixations.hdf5"))
stimuli = read_hdf5(os.path.join(given, "stimuli.hdf5"))
os.makedirs(out)
np.savez(
    os.path.join(out, "read.npz"), kind=type(fixations).__name__, x=fixations.x, y=fixations.y,
    n=fixations.n, subjects=fixations.subjects, durations=fixations.durations,
    shapes=np.array([stimulus.shape for stimulus in stimuli.stimuli]),
)
fixations.to_hdf5(os.path.join(out, "fixations.hdf5"))
stimuli.to_hdf5(os.path.join(out, "stimuli.hdf5"))
"""

pytestmark = pytest.mark.slow


def test_there_and_back(folder_set, tmp_path):
    python = os.environ.get("PYSALIENCY_PYTHON")
    if not python:
        pytest.skip("PYSALIENCY_PYTHON names no Python that has pysaliency")
    truths = folder_set.truths()
    write_pysaliency(truths, tmp_path / "ours")
    command = [python, "-c", READ_AND_WRITE, tmp_path / "ours", tmp_path / "theirs"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "theirs" / "read.npz") as read:
        assert read["kind"] == "FixationTrains"
        for number, truth in enumerate(truths):
            mine, found = truth.fixations, read["n"] == number
            order = np.lexsort((mine.order, mine.subject))
            for name, values in (("x", mine.x), ("y", mine.y), ("subjects", mine.subject)):
                assert np.array_equal(read[name][found], values[order])
            assert np.array_equal(read["durations"][found], mine.duration[order])
            assert tuple(read["shapes"][number][:2]) == truth.size
    made = import_tables(
        [tmp_path / "theirs" / "fixations.hdf5"], folder_set.root / "stimuli", tmp_path / "back"
    )
    for truth in truths:
        mine, found = truth.fixations, made.truths[truth.name].fixations
        assert sorted(zip(mine.x, mine.y, strict=True)) == sorted(
            zip(found.x, found.y, strict=True)
        )
