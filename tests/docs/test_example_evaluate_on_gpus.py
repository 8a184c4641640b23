"""The example runs, and says that devices and pool agree."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_devices_and_pool_agree(tmp_path):
    found = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "evaluate_on_gpus.py")],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert found.returncode == 0, found.stderr[-3000:]
    note, head, *lines = found.stdout.splitlines()
    assert note == "engine tf: the process pool scores auc_borji@mit"
    assert head.split()[0] == "devices"
    table = {line.split()[0]: line.split()[1:] for line in lines}
    assert list(table) == ["auc", "sauc", "nss", "cc", "sim", "kl", "auc_borji@mit"]
    for key in ("auc", "sauc", "auc_borji@mit"):
        assert float(table[key][2]) == 0.0, key
    assert float(table["nss"][0]) > 0.5
