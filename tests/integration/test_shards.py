"""Parts of a run, by several processes, and what becomes of them together."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from benchmark_kit import evaluate
from benchmark_kit.cli import cli
from benchmark_kit.errors import ConfigError, ResultsError
from benchmark_kit.results.shards import merge_parts
from benchmark_kit.shard import Shard


@given(st.integers(1, 40), st.integers(0, 60))
def test_parts_share_out_everything_once(count, items):
    parts = [Shard(k, count).of(range(items)) for k in range(1, count + 1)]
    assert sorted(item for part in parts for item in part) == list(range(items))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("text", ["", "3", "0/4", "5/4", "-1/4", "1/0", "a/b", "1/2/3", "1 / 2"])
def test_what_is_no_part(text):
    with pytest.raises(ConfigError, match="is no part"):
        Shard.parse(text)


@pytest.fixture
def run(folder_set, tmp_path):
    """Run a command in this process; its status and what it said."""

    def call(*arguments):
        done = CliRunner().invoke(cli, [str(one) for one in arguments], standalone_mode=False)
        return done

    return call


@pytest.fixture
def score(run, folder_set):
    line = ("evaluate", folder_set.maps, "--dataset", "folder", "--root", folder_set.root)
    return lambda *more: run(*line, "--reproducible", "--workers", 1, *more)


@pytest.mark.parametrize("options", [(), ("--yardsticks", "--dialect", "tuebingen,mit")])
@pytest.mark.parametrize("count", [1, 3, 10])
def test_parts_make_the_bytes_of_one_run(score, run, tmp_path, count, options):
    assert score("--out", tmp_path / "whole.json", *options).exception is None
    parts = [tmp_path / f"{k}.json" for k in range(1, count + 1)]
    for k, path in enumerate(parts, start=1):
        done = score("--out", path, "--shard", f"{k}/{count}", *options)
        assert done.exception is None, done.exception
        assert f"part {k}/{count} is in" in done.stderr
        assert not done.stdout
    done = run("merge", *reversed(parts), "--out", tmp_path / "r.json", "--csv", tmp_path / "r.csv")
    assert done.exception is None, done.exception
    assert (tmp_path / "r.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
    assert (tmp_path / "r.csv").read_text().count("\n") == 7
    assert not list(tmp_path.glob("*.journal"))


def test_images_without_fixations_and_missing_maps(folder_set, tmp_path):
    table = folder_set.root / "fixations.csv"
    lines = table.read_text().splitlines()
    table.write_text("\n".join(line for line in lines if "002" not in line))
    (folder_set.maps / f"{folder_set.names[3]}.png").unlink()
    truths = folder_set.truths()
    options = {"partial": True, "reproducible": True, "workers": 1}
    whole = evaluate(folder_set.maps, truths, **options)
    parts = [tmp_path / f"{k}.json" for k in (1, 2)]
    for k, path in enumerate(parts, start=1):
        evaluate(folder_set.maps, truths, shard=f"{k}/2", out=path, **options)
    assert merge_parts(parts).data == json.loads(whole.to_json())


@pytest.fixture
def parts(score, tmp_path):
    paths = [tmp_path / f"{k}.json" for k in (1, 2, 3)]
    for k, path in enumerate(paths, start=1):
        assert score("--out", path, "--shard", f"{k}/3").exception is None
    return paths


def test_missing_and_doubled_parts_are_named(parts):
    with pytest.raises(ResultsError, match=r"1 of 3 parts are missing: 2/3"):
        merge_parts([parts[0], parts[2]])
    with pytest.raises(ResultsError, match=r"part 1/3 is there twice: .*1\.json.*1\.json"):
        merge_parts([*parts, parts[0]])


@pytest.mark.parametrize(
    ("more", "differing"),
    [
        (("--seed", 5), "plan"),
        (("--metrics", "nss"), "plan"),
        (("--bootstrap", 100), "what was asked"),
        (("--yardsticks",), "yardsticks"),
    ],
)
def test_a_part_of_another_run_is_refused(parts, score, more, differing):
    assert score("--out", parts[1], "--force", "--shard", "2/3", *more).exception is None
    with pytest.raises(ResultsError, match=rf"2\.json is of another run.*{differing}"):
        merge_parts(parts)


def test_another_number_of_parts_is_refused(parts, score):
    assert score("--out", parts[1], "--force", "--shard", "2/4").exception is None
    with pytest.raises(ResultsError, match="number of parts"):
        merge_parts(parts)


def test_maps_that_changed_meanwhile_are_refused(parts, score, folder_set):
    path = folder_set.maps / f"{folder_set.names[0]}.png"
    path.write_bytes(path.read_bytes() + b"\0")
    assert score("--out", parts[1], "--force", "--shard", "2/3").exception is None
    with pytest.raises(ResultsError, match="maps"):
        merge_parts(parts)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data["rows"].pop(),
        lambda data: data["rows"].append(data["rows"][0]),
        lambda data: data["rows"][0]["values"].pop("nss"),
        lambda data: data.pop("frame"),
        lambda data: data["frame"].pop("columns"),
        lambda data: data.update(shard="9/3"),
        lambda data: data.update(names=5),
        lambda data: data.update(schema=99),
        lambda data: data.update(kind="evaluation"),
    ],
)
def test_damaged_parts_are_named(parts, damage):
    data = json.loads(parts[1].read_text())
    damage(data)
    parts[1].write_text(json.dumps(data))
    with pytest.raises(ResultsError, match=r"2\.json"):
        merge_parts(parts)


def test_a_frame_that_all_parts_lost_alike(parts):
    for path in parts:
        data = json.loads(path.read_text())
        data["frame"].pop("bootstrap")
        path.write_text(json.dumps(data))
    with pytest.raises(ResultsError, match=r"1\.json is damaged"):
        merge_parts(parts)


def test_results_and_parts_are_not_taken_for_each_other(parts, score, run, tmp_path):
    score("--out", tmp_path / "whole.json")
    with pytest.raises(ResultsError, match="is no part of a run"):
        merge_parts([tmp_path / "whole.json"])
    done = run("report", parts[0], "--out", tmp_path / "r.html")
    assert "salbench merge" in str(done.exception)


def test_what_a_part_cannot_have(score, tmp_path):
    done = score("--shard", "1/2")
    assert "--out" in str(done.exception)
    done = score("--shard", "1/2", "--out", tmp_path / "a.json", "--csv", tmp_path / "a.csv")
    assert "--csv" in str(done.exception)
    done = score("--shard", "1/2", "--out", tmp_path / "a.json", "--fail-under", "nss=1")
    assert "no verdict" in str(done.exception)
    assert not (tmp_path / "a.json").exists()


def test_a_part_is_resumed(score, tmp_path, monkeypatch):
    from benchmark_kit.scoring import worker

    real, told = worker.score_task, []

    def stops(*arguments):
        told.append(1)
        if len(told) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(worker, "score_task", stops)
    score("--out", tmp_path / "a.json", "--shard", "1/2")
    monkeypatch.setattr(worker, "score_task", real)
    if (tmp_path / "a.json.journal").exists():
        other = score("--out", tmp_path / "a.json", "--shard", "2/2", "--resume")
        assert "shard differ" in str(other.exception)
        assert score("--out", tmp_path / "a.json", "--shard", "1/2", "--resume").exception is None
    assert json.loads((tmp_path / "a.json").read_text())["shard"] == "1/2"


def test_densities_of_all_parts_are_those_of_one_run(run, folder_set, tmp_path):
    line = ("densities", "--dataset", "folder", "--root", folder_set.root)
    assert run(*line, "--out", tmp_path / "whole").exception is None
    for k in (2, 1, 3):
        done = run(*line, "--out", tmp_path / "parts", "--shard", f"{k}/3")
        assert done.exception is None, done.exception
    whole = {p.relative_to(tmp_path / "whole"): p for p in (tmp_path / "whole").rglob("*.png")}
    for relative, path in whole.items():
        assert (tmp_path / "parts" / relative).read_bytes() == path.read_bytes()
    again = run(*line, "--out", tmp_path / "parts", "--shard", "1/3")
    assert "is there. Fix: --resume" in str(again.exception)
    assert run(*line, "--out", tmp_path / "parts", "--shard", "1/3", "--resume").exception is None
    other = run(*line, "--out", tmp_path / "parts", "--shard", "1/3", "--sigma", "9px", "--resume")
    assert "other settings: density differ" in str(other.exception)
    mixed = run(*line, "--out", tmp_path / "whole", "--shard", "1/3")
    assert "not empty" in str(mixed.exception)


def test_maps_of_all_parts_are_those_of_one_run(run, folder_set, tmp_path):
    line = ("predict", folder_set.root / "stimuli", "--model", "spectral_residual", "-q")
    assert run(*line, "--out", tmp_path / "whole").return_value == 0
    for k in (1, 2):
        assert run(*line, "--out", tmp_path / "parts", "--shard", f"{k}/2").return_value == 0
    whole = sorted((tmp_path / "whole").rglob("*.png"))
    assert len(whole) == 6
    for path in whole:
        other = tmp_path / "parts" / path.relative_to(tmp_path / "whole")
        assert other.read_bytes() == path.read_bytes()
    again = run(*line, "--out", tmp_path / "parts", "--shard", "2/2")
    assert "is there. Fix: --resume" in str(again.exception)
    assert np.isscalar(again.exit_code)
