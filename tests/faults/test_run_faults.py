"""Runs on hostile ground: folders that cannot be written, full disks, two runs at once, odd
homes.
"""

import errno
import json
import os

import numpy as np
import pytest

import benchmark_kit
from benchmark_kit.errors import ConfigError, JournalMismatch, RunFailed
from benchmark_kit.scoring.journal import Journal, journal_path
from benchmark_kit.types import Row


def evaluate(folder_set, **options):
    return benchmark_kit.evaluate(
        folder_set.maps, folder_set.truths(), metrics="nss", workers=1, **options
    )


def test_output_folder_that_does_not_exist(folder_set, tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        evaluate(folder_set, out=tmp_path / "no" / "r.json")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_read_only_output_folder(folder_set, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(ConfigError, match="cannot be written"):
        evaluate(folder_set, out=folder / "r.json")


def test_a_folder_as_output_file(folder_set, tmp_path):
    out = tmp_path / "r.json"
    journal_path(out).mkdir()
    with pytest.raises(ConfigError, match=r"the journal of --out .* is a folder"):
        evaluate(folder_set, out=out)


def full_disk(monkeypatch, after):
    """Let `os.fsync` fail as a full disk does, after some calls."""
    calls = iter(range(10**6))
    kept = os.fsync

    def fsync(handle):
        if next(calls) >= after:
            raise OSError(errno.ENOSPC, "No space left on device")
        return kept(handle)

    monkeypatch.setattr(os, "fsync", fsync)


def test_full_disk_keeps_whole_lines_and_resume_completes(folder_set, tmp_path, monkeypatch):
    out = tmp_path / "r.json"
    with monkeypatch.context() as patch:
        full_disk(patch, after=3)
        with pytest.raises(RunFailed, match=r"No space left.*--resume"):
            evaluate(folder_set, out=out, reproducible=True)
    assert not out.exists()
    text = journal_path(out).read_bytes()
    assert text.endswith(b"\n")
    assert all(json.loads(line) for line in text.splitlines())
    resumed = evaluate(folder_set, out=out, resume=True, reproducible=True)
    assert resumed.to_json() == evaluate(folder_set, reproducible=True).to_json()


def test_full_disk_while_saving_results_leaves_nothing_half_written(
    folder_set, tmp_path, monkeypatch
):
    out = tmp_path / "r.json"
    kept = os.replace

    def replace(source, target):
        if str(target) == str(out):
            raise OSError(errno.ENOSPC, "No space left on device")
        return kept(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        with pytest.raises(RunFailed, match="cannot write"):
            evaluate(folder_set, out=out)
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [journal_path(out).name]
    assert evaluate(folder_set, out=out, resume=True).value("nss") > 0


def test_two_runs_on_one_journal(tmp_path):
    first = Journal(tmp_path / "j", {"plan": "a"})
    with pytest.raises(ConfigError, match="another run is writing"):
        Journal(tmp_path / "j", {"plan": "a"}, resume=True)
    first.append([Row("one", 3, {"nss": 1.5})])
    first.close()
    again = Journal(tmp_path / "j", {"plan": "a"}, resume=True)
    assert again.rows["one"].values == {"nss": 1.5}
    again.close()


def test_damaged_and_foreign_journals(tmp_path):
    path = tmp_path / "j"
    path.write_bytes(b"my diary\n")
    with pytest.raises(JournalMismatch, match="not a journal"):
        Journal(path, {"plan": "a"}, resume=True)
    assert path.read_bytes() == b"my diary\n"
    path.write_bytes(b'{"journal": 1, "plan": "a"}\n{"name": 3}\n')
    with pytest.raises(JournalMismatch, match="line 2 is damaged"):
        Journal(path, {"plan": "a"}, resume=True)


def test_every_damage_of_a_row_is_named(tmp_path):
    path = tmp_path / "j"
    row = {"name": "a", "fixations": 3, "values": {"nss": 1.5}, "flags": [], "facts": {}}
    for key in row:
        for wrong in (None, 5, "x", [5], [[5]], {"a": "x"}, {"nss": "x"}, 1e999, True):
            damaged = {**row, key: wrong}
            if (key, wrong) in (("name", "x"), ("fixations", 5)):
                continue
            if key == "facts" and isinstance(wrong, dict):
                continue
            path.write_text('{"journal": 1}\n' + json.dumps(damaged) + "\n")
            with pytest.raises(JournalMismatch, match="line 2 is damaged"):
                Journal(path, {}, resume=True, columns=["nss"])
    path.write_text('{"journal": 1}\n' + json.dumps(row) + "\n")
    Journal(path, {}, resume=True, columns=["nss"]).close()
    with pytest.raises(JournalMismatch, match="line 2 is damaged"):
        Journal(path, {}, resume=True, columns=["nss", "kl"])


def test_rows_survive_the_journal_to_the_last_bit(tmp_path):
    values = {"nss": 0.1 + 0.2, "kl": 1e-300, "cc": None, "auc": 1 / 3}
    journal = Journal(tmp_path / "j", {})
    journal.append([Row("a/ü", 5, values, ("constant map",), {"digest": "x"})])
    journal.close()
    again = Journal(tmp_path / "j", {}, resume=True)
    assert again.rows["a/ü"] == Row("a/ü", 5, values, ("constant map",), {"digest": "x"})
    again.close()


def test_values_that_are_not_finite_become_null(tmp_path):
    journal = Journal(tmp_path / "j", {})
    journal.append([Row("a", 1, {"nss": float("nan"), "kl": float("inf")})])
    journal.close()
    again = Journal(tmp_path / "j", {}, resume=True)
    assert again.rows["a"].values == {"nss": None, "kl": None}
    again.close()


def test_images_without_fixations_are_left_out_and_named(folder_set):
    truths = folder_set.truths()
    lonely = truths.names[2]
    table = folder_set.root / "fixations.csv"
    lines = [line for line in table.read_text().splitlines() if not line.startswith(lonely)]
    table.write_text("\n".join(lines))
    for dialect in ("tuebingen", "mit", "salicon2015", "salicon2017"):
        results = benchmark_kit.evaluate(folder_set.maps, folder_set.truths(), dialect=dialect)
        assert results.data["dataset"]["without_fixations"] == [lonely]
        assert results.data["dataset"]["scored"] == 5
        row = next(r for r in results.images if r["name"] == lonely)
        assert row["flags"] == ["no fixations"]
        assert all(row[key] is None for key in results.metrics)
        assert results.to_json().count("NaN") == 0


def test_a_data_set_with_secret_fixations_says_so(folder_set):
    from dataclasses import replace

    truths = folder_set.truths()
    secret = replace(truths, images=tuple(replace(t, fixations=None) for t in truths))
    with pytest.raises(ConfigError, match="no public fixations"):
        benchmark_kit.evaluate(folder_set.maps, secret)


@pytest.mark.slow
def test_a_hostile_keras_json_changes_nothing(folder_set, salbench, tmp_path):
    home = tmp_path / "home"
    (home / ".keras").mkdir(parents=True)
    hostile = {"backend": "nowhere", "image_data_format": "channels_first", "floatx": "float16"}
    (home / ".keras" / "keras.json").write_text(json.dumps(hostile))
    arguments = ["evaluate", folder_set.maps, "--dataset", "folder", "--root", folder_set.root]
    arguments += ["--format", "json", "--reproducible", "-q"]
    plain = salbench(*arguments)
    odd = salbench(*arguments, env={**os.environ, "HOME": str(home)})
    assert plain.returncode == odd.returncode == 0, odd.stderr
    assert plain.stdout == odd.stdout


@pytest.mark.slow
def test_no_framework_is_loaded_by_evaluate(folder_set):
    import subprocess
    import sys

    code = f"""
import sys
from benchmark_kit import evaluate
from benchmark_kit.datasets import get_dataset
if __name__ == "__main__":
    truths = get_dataset("folder", {str(folder_set.root)!r}, cache=False)
    evaluate({str(folder_set.maps)!r}, truths, dialect="mit", workers=1, yardsticks=True)
    loaded = {{name.split(".")[0] for name in sys.modules}}
    print(sorted(loaded & {{"tensorflow", "keras", "jax", "matplotlib", "torch", "sklearn"}}))
"""
    script = folder_set.root / "script.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=600
    )
    assert done.stdout.strip() == "[]", done.stderr


SCRIPT = """
from benchmark_kit import evaluate
from benchmark_kit.datasets import get_dataset
truths = get_dataset("folder", {root!r}, cache=False)
print(evaluate({maps!r}, truths, metrics="nss", workers={workers}, reproducible=True).to_json())
"""


def test_scripts_without_a_main_guard_and_on_standard_input(folder_set, tmp_path):
    import subprocess
    import sys

    texts = []
    for workers, name in ((1, "script.py"), (2, "script.py"), (2, "-")):
        script = SCRIPT.format(
            root=str(folder_set.root), maps=str(folder_set.maps), workers=workers
        )
        (tmp_path / "script.py").write_text(script)
        done = subprocess.run(
            [sys.executable, name],
            input=script,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        texts.append(done.stdout)
    assert texts[0] == texts[1] == texts[2] != ""


def scored_in_a_child(arguments):
    maps, root, workers = arguments
    from benchmark_kit.datasets import get_dataset

    truths = get_dataset("folder", root, cache=False)
    return benchmark_kit.evaluate(maps, truths, workers=workers, reproducible=True).to_json()


def test_a_child_process_scores_like_its_parent(folder_set):
    import multiprocessing

    given = str(folder_set.maps), str(folder_set.root)
    with multiprocessing.get_context("fork").Pool(1) as pool:  # its processes are daemonic
        texts = pool.map(scored_in_a_child, [(*given, workers) for workers in (1, 2)])
    assert {*texts} == {scored_in_a_child((*given, 1))}


def test_wrong_options(folder_set):
    for options, words in (
        ({"dialect": "mti"}, "did you mean 'mit'"),
        ({"metrics": "nsss"}, "did you mean 'nss'"),
        ({"metrics": "emd"}, "emd@mit"),
        ({"ig_baseline": "zebra"}, "centre-bias"),
        ({"density": "shipped"}, "--density computed"),
        ({"sigma": "wide"}, "35px"),
        ({"sigma": "1deg"}, "pixels per degree"),
        ({"sigma": "-3"}, "positive"),
        ({"engine": "gpu"}, "pool, tf"),
        ({"workers": 0}, "at least 1"),
    ):
        with pytest.raises(ConfigError, match=words):
            benchmark_kit.evaluate(
                folder_set.maps, folder_set.truths(), **{"metrics": "cc,nss", **options}
            )


def test_negative_maps_and_the_kl_of_mit(folder_set):
    from benchmark_kit.errors import InputError

    maps = {t.name: np.random.default_rng(1).normal(size=t.size) for t in folder_set.truths()}
    with pytest.raises(InputError, match="E308"):
        benchmark_kit.evaluate(maps, folder_set.truths(), metrics="kl@mit")
    assert benchmark_kit.evaluate(maps, folder_set.truths(), metrics="kl").value("kl") > 0
