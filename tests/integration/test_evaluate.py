"""`salbench evaluate` from folder to file: results, formats, resume, determinism."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import benchmark_kit
from benchmark_kit.errors import ConfigError, JournalMismatch
from benchmark_kit.imaging.images import read_map
from benchmark_kit.results.tables import Table
from benchmark_kit.scoring.journal import journal_path


def command(folder_set, *more):
    return ["evaluate", folder_set.maps, "--dataset", "folder", "--root", folder_set.root, *more]


def test_table_results_and_rows(folder_set, salbench, tmp_path):
    out, rows = tmp_path / "r.json", tmp_path / "rows.csv"
    done = salbench(*command(folder_set, "--out", out, "--csv", rows))
    assert done.returncode == 0, done.stderr
    table = Table.parse(done.stdout)
    data = json.loads(out.read_text())
    values = {row[0]: row[table.columns.index("value")] for row in table.rows}
    assert values == {key: f"{m['value']:.4f}" for key, m in data["metrics"].items()}
    assert data["schema"] == 1
    assert data["dataset"]["scored"] == 6
    assert set(data["groups"]["category"]) == {"indoor", "outdoor"}
    assert not journal_path(out).exists()
    with open(rows, newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["image"] for line in lines] == [image["name"] for image in data["images"]]
    assert np.mean([float(line["nss"]) for line in lines]) == pytest.approx(
        data["metrics"]["nss"]["value"], abs=1e-12
    )


def test_rows_equal_the_metrics_on_plain_arrays(folder_set):
    truths = folder_set.truths()
    results = benchmark_kit.evaluate(folder_set.maps, truths, metrics="nss,auc,cc,kl@mit,nss@mit")
    for row in results.images:
        truth = truths[row["name"]]
        pixels = read_map(folder_set.maps / f"{row['name']}.png")
        assert row["nss"] == pytest.approx(benchmark_kit.metrics.nss(pixels, truth.fixations))
        assert row["auc"] == benchmark_kit.metrics.auc(pixels, truth.fixations)
        form = benchmark_kit.metrics.nss.in_dialect("mit")
        assert row["nss@mit"] == pytest.approx(form(pixels, truth.fixations))


def test_bytes_do_not_depend_on_workers(folder_set, tmp_path):
    texts = []
    for workers in (1, 3):
        out = tmp_path / f"{workers}.json"
        benchmark_kit.evaluate(
            folder_set.maps,
            folder_set.truths(),
            dialect="mit,tuebingen",
            yardsticks=True,
            workers=workers,
            out=out,
            reproducible=True,
        )
        texts.append(out.read_bytes())
    assert texts[0] == texts[1]


def test_one_image_alone_equals_its_row_in_the_full_run(folder_set):
    truths = folder_set.truths()
    full = benchmark_kit.evaluate(folder_set.maps, truths, dialect="mit")
    name = truths.names[3]
    one = {name: read_map(folder_set.maps / f"{name}.png")}
    alone = benchmark_kit.evaluate(one, truths, dialect="mit", partial=True)
    (row,) = alone.images
    assert row == full.images[3]
    assert alone.data["dataset"]["missing_maps"] == [n for n in truths.names if n != name]
    assert set(alone.data["negatives"]["sauc"]["from"]) == set(truths.names)


@pytest.mark.parametrize("form", ["json", "csv", "markdown", "latex"])
def test_formats_hold_the_numbers(folder_set, salbench, form):
    done = salbench(*command(folder_set, "--metrics", "nss", "--format", form, "-q"))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    value = benchmark_kit.evaluate(folder_set.maps, folder_set.truths(), metrics="nss").value("nss")
    if form == "json":
        assert json.loads(done.stdout)["metrics"]["nss"]["value"] == value
    else:
        assert f"{value:.4f}" in done.stdout


def test_no_column_is_plain_auc(folder_set, salbench):
    done = salbench(*command(folder_set, "--dialect", "tuebingen,mit,salicon2015,salicon2017"))
    assert done.returncode == 0, done.stderr
    labels = {row[1] for row in Table.parse(done.stdout).rows}
    assert "AUC" not in labels
    assert {"AUC (exact)", "AUC-Judd", "AUC-Borji", "AUC (sampled)", "IG (map)", "IG"} <= labels


def test_yardsticks_order_and_explained_share(folder_set, salbench):
    done = salbench(*command(folder_set, "--metrics", "nss,auc", "--yardsticks"))
    assert done.returncode == 0, done.stderr
    table = Table.parse(done.stdout)
    nss = dict(zip(table.columns, table.rows[0], strict=True))
    assert float(nss["inter-observer"]) > float(nss["centre bias"])
    assert abs(float(nss["chance"])) < 0.5
    share = (float(nss["value"]) - float(nss["chance"])) / (
        float(nss["inter-observer"]) - float(nss["chance"])
    )
    assert nss["explained"] == f"{100 * share:.0f} %"


def test_fail_under(folder_set, salbench):
    good = salbench(*command(folder_set, "--metrics", "nss,kl", "--fail-under", "nss=-1"))
    assert good.returncode == 0
    bad = salbench(*command(folder_set, "--metrics", "nss,kl", "--fail-under", "nss=99"))
    assert bad.returncode == 1
    assert "worse than 99" in bad.stderr
    lower_is_better = salbench(*command(folder_set, "--metrics", "kl", "--fail-under", "kl=0.0001"))
    assert lower_is_better.returncode == 1
    unknown = salbench(*command(folder_set, "--metrics", "nss", "--fail-under", "cc=1"))
    assert unknown.returncode == 2
    garbled = salbench(*command(folder_set, "--fail-under", "nss>2"))
    assert garbled.returncode == 2


def test_existing_results_are_not_overwritten(folder_set, tmp_path):
    out = tmp_path / "r.json"
    out.write_text("mine")
    with pytest.raises(ConfigError, match="--force"):
        benchmark_kit.evaluate(folder_set.maps, folder_set.truths(), metrics="nss", out=out)
    assert out.read_text() == "mine"
    benchmark_kit.evaluate(folder_set.maps, folder_set.truths(), metrics="nss", out=out, force=True)
    assert benchmark_kit.load_results(out).value("nss") > 0


def test_resume_needs_out_and_a_journal(folder_set, salbench, tmp_path):
    assert salbench(*command(folder_set, "--resume")).returncode == 2
    done = salbench(*command(folder_set, "--resume", "--out", tmp_path / "r.json"))
    assert done.returncode == 2
    assert "nothing to resume" in done.stderr


def interrupted(folder_set, out, sent, tmp_path):
    """Start a run, wait for its first journalled rows, send a signal to it."""
    code = "from benchmark_kit.cli import main; main()"
    arguments = command(folder_set, "--out", out, "--workers", "1", "--reproducible", "-q")
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    journal = journal_path(out)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if journal.exists() and journal.read_bytes().count(b"\n") > 1:
            break
        time.sleep(0.002)
    if sent == signal.SIGKILL:
        os.killpg(process.pid, sent)
    else:
        process.send_signal(sent)
    process.communicate(timeout=600)
    return process.returncode


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_goes_on_to_the_same_bytes(make_folder_set, salbench, tmp_path, sent):
    folder_set = make_folder_set(tmp_path, images=120, size=(240, 320))
    whole = tmp_path / "whole.json"
    done = salbench(*command(folder_set, "--out", whole, "--reproducible", "-q"))
    assert done.returncode == 0, done.stderr
    out = tmp_path / "stopped.json"
    status = interrupted(folder_set, out, sent, tmp_path)
    assert not out.exists(), "the run ended before it could be stopped"
    assert status == (130 if sent == signal.SIGINT else -signal.SIGKILL)
    rows = journal_path(out).read_bytes().count(b"\n") - 1
    assert 0 < rows < 120
    resumed = salbench(*command(folder_set, "--out", out, "--resume", "--reproducible", "-q"))
    assert resumed.returncode == 0, resumed.stderr
    assert out.read_bytes() == whole.read_bytes()
    assert not journal_path(out).exists()


def test_a_half_written_last_line_is_scored_again(folder_set, tmp_path):
    truths, out = folder_set.truths(), tmp_path / "r.json"
    whole = benchmark_kit.evaluate(
        folder_set.maps, truths, metrics="nss", out=out, reproducible=True
    )
    cut = tmp_path / "cut.json"
    journal_of(folder_set, truths, cut, keep=2, tail=b'{"name": "indoor/00')
    again = benchmark_kit.evaluate(
        folder_set.maps, truths, metrics="nss", out=cut, resume=True, reproducible=True
    )
    assert again.to_json() == whole.to_json()


def journal_of(folder_set, truths, out, keep, tail=b""):
    """The journal that a run of `nss` leaves after `keep` rows."""
    import benchmark_kit.calls.evaluate as api

    kept = api.Results.save
    api.Results.save = lambda self, path: (_ for _ in ()).throw(KeyboardInterrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            benchmark_kit.evaluate(folder_set.maps, truths, metrics="nss", out=out)
    finally:
        api.Results.save = kept
    journal = journal_path(out)
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[: 1 + keep]) + tail)


def test_a_foreign_journal_is_refused(folder_set, make_folder_set, tmp_path):
    truths, out = folder_set.truths(), tmp_path / "r.json"
    journal_of(folder_set, truths, out, keep=2)
    before = journal_path(out).read_bytes()
    common = {"out": out, "resume": True}
    with pytest.raises(JournalMismatch, match="plan"):
        benchmark_kit.evaluate(folder_set.maps, truths, metrics="cc", **common)
    other = make_folder_set(tmp_path / "other", seed=5)
    with pytest.raises(JournalMismatch, match="data set"):
        benchmark_kit.evaluate(other.maps, other.truths(), metrics="nss", **common)
    changed = folder_set.maps / f"{truths.names[0]}.png"
    changed.write_bytes((folder_set.maps / f"{truths.names[1]}.png").read_bytes())
    os.utime(changed, (1, 1))
    with pytest.raises(JournalMismatch, match="maps"):
        benchmark_kit.evaluate(folder_set.maps, truths, metrics="nss", resize="bilinear", **common)
    assert journal_path(out).read_bytes() == before


def test_a_left_journal_stops_a_fresh_run(folder_set, tmp_path):
    truths, out = folder_set.truths(), tmp_path / "r.json"
    journal_of(folder_set, truths, out, keep=1)
    with pytest.raises(ConfigError, match="--resume"):
        benchmark_kit.evaluate(folder_set.maps, truths, metrics="nss", out=out)


@pytest.mark.slow
def test_a_killed_worker_is_a_clear_error_and_resume_works(make_folder_set, tmp_path, salbench):
    folder_set = make_folder_set(tmp_path, images=120, size=(240, 320))
    out = tmp_path / "r.json"
    code = "from benchmark_kit.cli import main; main()"
    arguments = command(folder_set, "--out", out, "--workers", "2", "-q")
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stderr=subprocess.PIPE, text=True
    )
    journal = journal_path(out)
    while process.poll() is None and not (
        journal.exists() and journal.read_bytes().count(b"\n") > 1
    ):
        time.sleep(0.002)
    children = subprocess.run(
        ["pgrep", "-f", "-P", str(process.pid), "spawn_main"], capture_output=True, text=True
    ).stdout.split()
    assert children
    os.kill(int(children[-1]), signal.SIGKILL)
    _, message = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "a worker process died" in message
    assert "--resume" in message
    resumed = salbench(*command(folder_set, "--out", out, "--resume", "-q"))
    assert resumed.returncode == 0, resumed.stderr


@pytest.mark.shared
@pytest.mark.slow
def test_centre_bias_of_mit1003_part(shared, tmp_path):
    """Maps of the centre bias, scored as maps, equal the yardstick of the same name."""
    from benchmark_kit.datasets import get_dataset
    from benchmark_kit.imaging.centre_bias import CentreBias

    truths = get_dataset("mit1003", shared / "data" / "mit1003_100", cache=False)
    truths = truths.subset(truths.names[::10])
    bias = CentreBias(truths)
    maps = {t.name: bias.density(t.size, without=t.fixations) for t in truths}
    results = benchmark_kit.evaluate(maps, truths, metrics="auc,nss,ig,kl,cc,sim", yardsticks=True)
    for key, entry in results.metrics.items():
        mark = results.yardsticks["centre_bias"][key]["value"]
        assert entry["value"] == pytest.approx(mark, abs=1e-12)
    assert results.value("ig_map") == pytest.approx(0.0, abs=1e-9)
