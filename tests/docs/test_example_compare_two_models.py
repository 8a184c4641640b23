"""The example runs, tells apart what can be told apart, and its report shows both models."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark_kit.results.comparison import compare

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_models_differ_in_one_metric_and_not_in_another_and_the_report_shows_both(tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, ROOT / "examples" / "compare_two_models.py", "--out", out]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    means = {
        model: json.loads((out / f"{model}.json").read_text())["metrics"]["auc"]["value"]
        for model in ("bright", "contrast")
    }
    assert means["contrast"] > means["bright"] + 0.1
    assert f"auc: contrast - bright = {means['contrast'] - means['bright']:+.3f}" in done.stdout
    found = compare(out / "bright.json", out / "contrast.json")
    assert found.pair("auc")["better"] == "contrast"
    assert found.pair("nss")["better"] is None
    text = (out / "report.html").read_text(encoding="utf-8")
    assert "bright and contrast on folder" in text
    assert "Map of contrast over" in text
