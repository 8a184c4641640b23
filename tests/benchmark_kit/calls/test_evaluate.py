"""`evaluate`: what it takes, refuses, reports and writes."""

import csv
import json
import time

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import benchmark_kit
from benchmark_kit.calls import evaluate as api
from benchmark_kit.calls.options import RunOptions
from benchmark_kit.errors import ConfigError, JournalMismatch
from benchmark_kit.imaging.images import read_map, write_png
from benchmark_kit.scoring.journal import Journal, journal_path


def evaluate(folder_set, maps=None, **options):
    options = {"metrics": "nss", "workers": 1, **options}
    return benchmark_kit.evaluate(maps or folder_set.maps, folder_set.truths(), **options)


def stop_at_saving(folder_set, out, monkeypatch, **options):
    """Leave the journal of a run that was stopped before its results were saved."""

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(api.Results, "save", stop)
        with pytest.raises(KeyboardInterrupt):
            evaluate(folder_set, out=out, **options)
    assert journal_path(out).exists()


def test_the_names_of_dialects():
    assert benchmark_kit.list_dialects() == ("tuebingen", "mit", "salicon2015", "salicon2017")


def test_a_name_with_a_root_and_ground_truth_already_read_are_one(folder_set):
    by_name = benchmark_kit.evaluate(
        folder_set.maps, "folder", root=folder_set.root, metrics=["nss"], workers=1, cache=False
    )
    assert by_name.images == evaluate(folder_set).images
    assert by_name.data["dataset"] == evaluate(folder_set).data["dataset"]


def test_a_mapping_of_arrays_scores_like_the_files(folder_set):
    maps = {name: read_map(folder_set.maps / f"{name}.png") for name in folder_set.names}
    found = evaluate(folder_set, maps, metrics=None)
    expected = evaluate(folder_set, metrics=None)
    assert found.images == expected.images
    assert found.data["maps"]["fingerprint"] == expected.data["maps"]["fingerprint"]


def test_names_are_a_list_or_text_with_commas(folder_set):
    text = evaluate(folder_set, metrics=" nss, kl@mit ", dialect="tuebingen,mit")
    names = evaluate(folder_set, metrics=["nss", "kl@mit"], dialect=("tuebingen", "mit"))
    assert text.data["images"] == names.data["images"]
    assert list(text.metrics) == ["nss", "nss@mit", "kl@mit"]


def test_without_a_dialect_the_data_sets_own_is_taken(folder_set):
    (folder_set.root / "dataset.toml").write_text('dialect = "mit"\n')
    assert evaluate(folder_set).data["dialect"] == "mit"
    assert evaluate(folder_set, dialect="tuebingen").data["dialect"] == "tuebingen"


def test_a_width_in_words_becomes_the_density(folder_set):
    (folder_set.root / "dataset.toml").write_text("pixels_per_degree = 3.0\n")
    found = evaluate(folder_set, metrics="cc", sigma="2deg")
    assert "sigma 6 px" in found.data["dataset"]["density"]["tuebingen"]
    truth = folder_set.truths().images[1]
    counts = np.zeros(truth.size)
    index = truth.fixations.y.astype(int), truth.fixations.x.astype(int)
    np.add.at(counts, index, 1)
    density = gaussian_filter(counts, 6.0, truncate=4.0)
    pixels = read_map(folder_set.maps / f"{truth.name}.png")
    expected = np.corrcoef(pixels.ravel(), density.ravel())[0, 1]
    assert found.images[1]["cc"] == pytest.approx(expected)
    assert evaluate(folder_set, metrics="cc", sigma=6.0).images == found.images


def test_the_result_is_what_the_file_holds_and_the_rows_what_the_table_holds(folder_set, tmp_path):
    out, rows = tmp_path / "r.json", tmp_path / "r.csv"
    results = evaluate(folder_set, metrics="nss,kl", out=out, csv=rows)
    assert json.loads(out.read_text()) == results.data
    assert benchmark_kit.load_results(out).data == results.data
    with open(rows, newline="") as file:
        lines = list(csv.DictReader(file))
    assert [float(line["kl"]) for line in lines] == [row["kl"] for row in results.images]
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["r.csv", "r.json"]


def test_progress_counts_every_row_once_and_ends_at_all(folder_set):
    seen = []
    evaluate(folder_set, yardsticks=True, progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 6 * 7)
    assert seen[-1] == (42, 42)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_resume_scores_only_what_is_missing(folder_set, tmp_path, monkeypatch):
    out = tmp_path / "r.json"
    stop_at_saving(folder_set, out, monkeypatch)
    journal = journal_path(out)
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:5]))
    seen, appended = [], []
    append = Journal.append

    def spy(self, rows):
        appended.extend(row.name for row in rows)
        append(self, rows)

    monkeypatch.setattr(Journal, "append", spy)
    evaluate(folder_set, out=out, resume=True, progress=lambda *counts: seen.append(counts))
    assert seen[0] == (4, 6)
    assert len(appended) == 2
    assert out.exists()
    assert not journal.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 1},
        {"metrics": "cc"},
        {"dialect": "mit"},
        {"yardsticks": True},
        {"resize": "nearest"},
    ],
)
def test_a_run_of_other_options_is_not_resumed(folder_set, tmp_path, monkeypatch, changed):
    for name in folder_set.names:
        path = folder_set.maps / f"{name}.png"
        write_png(path, np.ascontiguousarray(read_map(path)[::2, ::2]))
    out, options = tmp_path / "r.json", {"resize": "bilinear"}
    stop_at_saving(folder_set, out, monkeypatch, **options)
    with pytest.raises(JournalMismatch):
        evaluate(folder_set, out=out, resume=True, **{**options, **changed})


def test_force_starts_anew_over_results_and_journal(folder_set, tmp_path, monkeypatch):
    out = tmp_path / "r.json"
    stop_at_saving(folder_set, out, monkeypatch, metrics="cc")
    out.write_text("old")
    results = evaluate(folder_set, out=out, force=True)
    assert json.loads(out.read_text()) == results.data
    assert not journal_path(out).exists()


def test_existing_rows_are_not_overwritten(folder_set, tmp_path):
    rows = tmp_path / "r.csv"
    rows.write_text("mine")
    with pytest.raises(ConfigError, match=r"--csv .*r\.csv exists"):
        evaluate(folder_set, csv=rows)
    assert rows.read_text() == "mine"


def test_reproducible_results_are_the_same_bytes_twice(folder_set, tmp_path):
    texts = []
    for name in ("a.json", "b.json"):
        evaluate(folder_set, out=tmp_path / name, reproducible=True)
        texts.append((tmp_path / name).read_bytes())
    assert texts[0] == texts[1]
    plain = evaluate(folder_set)
    assert plain.data["made"]["workers"] == 1
    assert plain.data["made"]["seconds"] >= 0  # rounded to hundredths


def test_the_level_sets_the_width_of_the_interval(folder_set):
    widths = []
    for level in (0.5, 0.95):
        entry = evaluate(folder_set, level=level).metrics["nss"]
        widths.append(entry["high"] - entry["low"])
    assert 0 < widths[0] < widths[1]
    assert evaluate(folder_set, bootstrap=0).metrics["nss"]["low"] is None


@pytest.mark.parametrize(
    "options", [{"level": 1.5}, {"level": 95}, {"bootstrap": -1}, {"seed": -1}, {"metrics": []}]
)
def test_numbers_out_of_range_and_no_metrics_are_refused(folder_set, options):
    with pytest.raises(ConfigError):
        evaluate(folder_set, **options)


@pytest.mark.parametrize(
    ("dataset", "options", "message"),
    [
        ("folder", {}, "data set 'folder' needs its folder. Fix: --root DIR"),
        (None, {"split": "val"}, "unknown option 'split': the data set is read already"),
        (None, {"engine": "gpu"}, "engine must be one of pool, tf, got 'gpu'"),
        (None, {"strategy": "mirrored"}, "Fix: add --engine tf"),
        (None, {"resume": True}, "--resume needs --out"),
    ],
)
def test_wrong_calls_are_refused(folder_set, dataset, options, message):
    with pytest.raises(ConfigError, match=message):
        benchmark_kit.evaluate(folder_set.maps, dataset or folder_set.truths(), **options)


def test_wrong_calls_are_refused_before_the_maps_are_looked_at(folder_set, tmp_path):
    with pytest.raises(ConfigError, match="unknown metric"):
        evaluate(folder_set, tmp_path / "nowhere", metrics="zebra")


def test_a_resume_costs_what_is_left(monkeypatch):
    """Rows that are there are taken once each: 20,000 of them in no time."""
    from types import SimpleNamespace

    names = [f"{k:05d}" for k in range(20_000)]
    kept = {name: name for name in names[:-10]}
    given = []

    def score(plan, tasks, **_):
        given.extend(task.name for task in tasks)
        return [SimpleNamespace(name=task.name) for task in tasks]

    monkeypatch.setattr(api, "score_in_pool", score)
    began = time.process_time()
    rows = api._run(
        None,
        [SimpleNamespace(name=name) for name in names],
        SimpleNamespace(rows={**kept, "another": 1}, close=lambda: None),
        RunOptions(workers=1),
    )
    assert time.process_time() - began < 1
    assert given == names[-10:]
    assert set(rows) == set(names)
