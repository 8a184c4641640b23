"""The findings' experiments at toy size, and the tables that they keep."""

import csv
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENTS = ROOT / "experiments"


@pytest.fixture
def generated(tmp_path):
    from keras_saliency.demo.dataset import write_dataset
    from keras_saliency.demo.displays import make_displays

    write_dataset(tmp_path / "data", make_displays()[::2], seed=0)
    return tmp_path / "data"


@pytest.fixture
def _scripts(monkeypatch):
    monkeypatch.syspath_prepend(EXPERIMENTS)


def run(name, data, folder):
    options = ["--mit1003", data, "--out", folder / "out", "--record", folder]
    options += ["--pictures", "6/4", "--epochs", "1", "--seeds", "1"]
    done = subprocess.run(
        [sys.executable, EXPERIMENTS / "findings.py", name, *options],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_finding_runs_once_and_is_recorded(generated, tmp_path):
    first = run("ml_net_prior", generated, tmp_path)
    assert first.count("seed 0: ") == 3 + 2  # three arms, two of which tell of their prior
    rows = list(csv.DictReader((tmp_path / "scores.csv").read_text().splitlines()))
    assert [row["arm"] for row in rows] == ["none", "code, 6x8", "report, 3x4"]
    # one start and one order for all arms: after a step the networks are still close
    assert np.ptp([float(row["nss"]) for row in rows]) < 0.2
    again = run("ml_net_prior", generated, tmp_path)
    assert "seed 0: " not in again
    assert again in first


@pytest.mark.usefixtures("_scripts")
def test_small_copies_keep_fixations_on_what_was_looked_at(generated, tmp_path):
    from small_sets import small_sets

    from benchmark_kit import get_dataset
    from benchmark_kit.errors import ConfigError

    parts = small_sets({"mit1003": generated}, 6, 4, tmp_path / "small")
    large = get_dataset("folder", generated, cache=False)
    assert {part: len(truths) for part, truths in parts.items()} == {"learn": 6, "judge": 4}
    assert not set(parts["learn"].names) & set(parts["judge"].names)
    for truth in [*parts["learn"], *parts["judge"]]:
        before = large[truth.name.removeprefix("mit1003/").replace("-", "/")]
        assert max(truth.size) == 256
        scale = truth.size[1] / before.size[1]
        centres = (np.floor(before.fixations.x) + 0.5) * scale
        assert np.abs(np.floor(truth.fixations.x) + 0.5 - centres).max() <= 0.5 + 1e-9
    with pytest.raises(ConfigError, match="other pictures"):
        small_sets({"mit1003": generated}, 5, 4, tmp_path / "small")


@pytest.mark.usefixtures("_scripts")
def test_differences_are_paired_over_pictures_after_the_mean_over_seeds():
    from paired import differences
    from scoring import COLUMNS

    def results(nss):
        columns = set(COLUMNS.values())
        return SimpleNamespace(
            images=[{"name": f"{k}", **dict.fromkeys(columns, v)} for k, v in enumerate(nss)]
        )

    found = {
        ("a", 0): results([1.0, 5.0, 3.0]),
        ("a", 1): results([2.0, 4.0, 3.0]),
        ("b", 0): results([1.5, 5.5, 3.0]),
        ("b", 1): results([2.5, 4.0, 3.5]),
    }
    finding = SimpleNamespace(pairs=(("a", "b"),))
    row = differences(finding, found)[0]
    # by picture .5, .25 and .25: every one grows, and of 8 signs 2 are as far from zero
    assert row["difference"] == pytest.approx(1 / 3)
    assert row["p"] == pytest.approx(2 / 8)
    assert row["by_seed"] == "+0.3333 +0.3333"
    assert 0.25 <= row["low"] <= row["high"] <= 0.5


@pytest.mark.usefixtures("_scripts")
def test_rows_of_another_finding_stay(tmp_path):
    from record import put, rows_of

    path = tmp_path / "scores.csv"
    put([{"arm": "x", "nss": 1.0}], "one", path)
    put([{"arm": "y", "nss": 2.0}], "two", path)
    put([{"arm": "z", "nss": 0.123456789}], "one", path)
    assert rows_of(path, "one") == [{"finding": "one", "arm": "z", "nss": "0.12346"}]
    assert rows_of(path, "two") == [{"finding": "two", "arm": "y", "nss": "2"}]
