"""The example scores models of the registry and the yardsticks, and says what it leaves out."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_models_and_yardsticks_in_one_table(tmp_path):
    command = [sys.executable, ROOT / "examples" / "benchmark_classical.py"]
    command += [
        "--models",
        "spectral_residual,itti,image_signature,itti1998",
        "--out",
        tmp_path / "out",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    rows = {line.split("|")[1].strip(): line for line in done.stdout.splitlines() if "|" in line}
    assert {"`spectral_residual`", "`itti`", "*inter_observer*", "*chance*"} <= set(rows)
    nss = {name: float(row.split("|")[5]) for name, row in rows.items() if row.count(".") > 5}
    assert nss["*chance*"] < nss["`itti`"] < nss["*inter_observer*"]
    assert done.stderr.count("scoring") == 5
    assert "correlation with the published NSS" in done.stdout
    kept = {"itti.json", "itti1998.json", "image_signature.json", "spectral_residual.json"}
    assert {p.name for p in (tmp_path / "out").iterdir()} == kept | {"yardsticks.json"}
    again = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert "scoring" not in again.stderr
    scores = [line.split("|")[1:9] for line in again.stdout.splitlines()]
    assert scores == [line.split("|")[1:9] for line in done.stdout.splitlines()]
