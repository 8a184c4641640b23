"""A new metric is one file of `metrics/`, its test and its row of docs/metrics.md.

Both packages are copied, the metric of docs/contributing.md is added, and the copy is used.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
UNIT_TESTS = "tests/benchmark_kit/metrics"


def in_graphs(metric):
    """The same over any namespace, which says so and is then computed by graphs."""
    return (
        metric.replace("tv", "tvg")
        .replace("import MetricFacts", "import Graph, MetricFacts")
        .replace("needs=Needs.DENSITY,", "needs=Needs.DENSITY,\n    graph=Graph.FORMULA,")
        .replace(
            "return abs(p(prepared.flat) - q(truth.density.flat)).sum() / 2",
            "apart = p(prepared.flat) - q(truth.density.flat)\n"
            "    return prepared.xp.sum(prepared.xp.maximum(apart, -apart), axis=-1) / 2",
        )
    )


@pytest.fixture(scope="module")
def files(page_files):
    """What docs/contributing.md says that a new metric is."""
    return page_files("A metric")


@pytest.fixture(scope="module")
def house(files, tmp_path_factory):
    """A copy of the house with the metric."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("benchmark_kit", "keras_saliency", "docs", "tests/docs", UNIT_TESTS):
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=without)
    for name in ("pyproject.toml", "README.md", "tests/conftest.py", "tests/test_architecture.py"):
        shutil.copy(ROOT / name, folder / name)
    metric = "benchmark_kit/metrics/tv.py"
    (folder / metric).write_text(files[metric])
    page = folder / "docs" / "metrics.md"
    rows = page.read_text(encoding="utf-8")
    page.write_text(
        rows.replace("| `emd` | EMD", files["docs/metrics.md"] + "| `emd` | EMD", 1),
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def made(make_folder_set, tmp_path_factory):
    return make_folder_set(tmp_path_factory.mktemp("made"))


def run(house, *arguments, **environment):
    """A command of Python in the copy."""
    place = {"PYTHONPATH": str(house), "TF_CPP_MIN_LOG_LEVEL": "3", **environment}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=house,
        env={**os.environ, **place},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def salbench(house, *arguments):
    return run(house, "-c", "from benchmark_kit.cli import main; main()", *arguments)


def evaluated(house, made, out, *options):
    data = ("--dataset", "folder", "--root", made.root, "--out", out)
    done = salbench(house, "evaluate", made.maps, *data, "--bootstrap", 0, "--force", *options)
    return json.loads(out.read_text(encoding="utf-8")), done


def total_variation(made):
    """Mean over the images, as slowly and plainly as can be."""
    from benchmark_kit.imaging.density import default_spec, density_of
    from benchmark_kit.imaging.images import read_map

    truths, found = made.truths(), []
    for truth in truths:
        p = read_map(made.maps / f"{truth.name}.png").astype(float)
        q = density_of(truth.fixations, default_spec(truths)).values
        found.append(np.abs(p / p.sum() - q / q.sum()).sum() / 2)
    return float(np.mean(found))


def test_it_is_listed_and_scored_in_any_dialect_if_asked_for(house, made, tmp_path):
    assert re.search(
        r"^tv +TV +lower +0\.\.1 +density$", salbench(house, "list", "metrics").stdout, re.M
    )
    told = salbench(house, "list", "metrics", "-v").stdout
    assert "in any dialect: salbench evaluate --metrics tv\n" in told
    options = ("--metrics", "tv,nss", "--dialect", "tuebingen,mit", "--workers", 1)
    data, _ = evaluated(house, made, tmp_path / "pool.json", *options)
    assert set(data["metrics"]) == {"tv", "tv@mit", "nss", "nss@mit"}
    assert data["variants"]["tv"] == "tv@tuebingen"
    assert data["metrics"]["tv"]["value"] == pytest.approx(total_variation(made), rel=1e-12)
    data, _ = evaluated(house, made, tmp_path / "plain.json", "--workers", 1)
    assert "tv" not in data["metrics"], "a dialect's own metrics stay its own"


def test_the_architecture_and_the_page_hold_with_its_row(house):
    pages = ("-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider")
    run(house, *pages, "tests/docs/test_metrics_page.py", UPDATE_DOCS="1")
    done = run(house, *pages, "tests/test_architecture.py", "-k", "metric or direction")
    assert " passed" in done.stdout
    done = run(house, *pages, f"{UNIT_TESTS}/test_undefined.py", "-k", "tv")
    assert " passed" in done.stdout, "what holds for every metric is tried on it, too"
    assert re.search(r"^\| `tv` \| 0\.\d+ \|", (house / "docs/metrics.md").read_text(), re.M)


@pytest.mark.slow
def test_graphs_leave_it_to_the_pool_unless_it_says_that_they_can(house, files, made, tmp_path):
    second = house / "benchmark_kit" / "metrics" / "tvg.py"
    second.write_text(in_graphs(files["benchmark_kit/metrics/tv.py"]))
    options = ("--metrics", "tv,tvg,nss", "--workers", 1)
    try:
        pool, _ = evaluated(house, made, tmp_path / "pool.json", *options)
        graphs, done = evaluated(house, made, tmp_path / "tf.json", *options, "--engine", "tf")
    finally:
        second.unlink()  # the page has no row of it
    assert graphs["made"]["notes"] == ["engine tf: the process pool scores tv"]
    assert done.stderr.count("the process pool scores") == 1
    for row, other in zip(pool["images"], graphs["images"], strict=True):
        assert row["tv"] == other["tv"], "the same process computes it"
        assert row["tvg"] == pytest.approx(row["tv"], rel=1e-12)
        assert other["tvg"] == pytest.approx(row["tvg"], rel=1e-9)
