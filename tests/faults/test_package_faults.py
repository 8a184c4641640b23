"""Packaging that is stopped half-way: nothing is left at the output's place or beside it."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.imaging.images import write_png

INTERRUPTED = """
import sys, time
from pathlib import Path
import numpy as np
from PIL import Image
from benchmark_kit.packaging.package import package

class Slow:
    done = 0

    def predict_map(self, path):
        self.done += 1
        if self.done == 120:
            print("half way", flush=True)
            time.sleep(60)
        with Image.open(path) as picture:
            return np.random.default_rng(self.done).random((picture.height, picture.width))

if __name__ == "__main__":
    package(Slow(), "mit300", sys.argv[1], sys.argv[2], workers=2, **eval(sys.argv[3]))
"""

FULL = """
import resource, signal, sys
from benchmark_kit.errors import InputError
from benchmark_kit.packaging.package import package

if __name__ == "__main__":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
    try:
        package(sys.argv[1], "mit300", sys.argv[2], sys.argv[3], workers=1, **eval(sys.argv[4]))
    except InputError as error:
        print([problem.code for problem in error.problems], error)
"""
STORES = [("net.zip", "{}"), ("net.hdf5", "{'store': 'hdf5'}")]


@pytest.fixture(scope="module")
def mit300(tmp_path_factory):
    """300 small images and noisy maps."""
    root = tmp_path_factory.mktemp("mit300")
    (root / "stimuli").mkdir()
    (root / "maps").mkdir()
    for k in range(1, 301):
        rng = np.random.default_rng(k)
        size = (20, 30 + k % 3)
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(
            root / "stimuli" / f"i{k}.jpg"
        )
        write_png(root / "maps" / f"i{k}.png", rng.integers(0, 256, size, dtype=np.uint8))
    return root


@pytest.mark.slow
@pytest.mark.parametrize(("out", "options"), STORES)
def test_ctrl_c_leaves_nothing(mit300, tmp_path, out, options):
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED)
    folder = tmp_path / "out"
    folder.mkdir()
    command = [sys.executable, script, mit300 / "stimuli", folder / out, options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout.readline() == "half way\n"
        assert [path.name for path in folder.iterdir()] != []  # it is being written
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to parent and workers
        began = time.monotonic()
        _, errors = process.communicate(timeout=600)
    assert time.monotonic() - began < 20
    assert process.returncode != 0
    assert "KeyboardInterrupt" in errors
    assert list(folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs a limit on the size of files")
@pytest.mark.parametrize(("out", "options"), STORES)
def test_a_file_that_cannot_grow_leaves_nothing(mit300, tmp_path, out, options):
    script = tmp_path / "script.py"
    script.write_text(FULL)
    folder = tmp_path / "out"
    folder.mkdir()
    command = [sys.executable, script, mit300 / "maps", mit300 / "stimuli", folder / out, options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("['E601']")
    assert list(folder.iterdir()) == []
