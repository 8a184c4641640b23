"""`salbench validate` and `salbench list leaderboards`: exit statuses and what goes where."""

import json

import pytest
from click.testing import CliRunner

from benchmark_kit.cli.list import command as list_command
from benchmark_kit.cli.validate import command


@pytest.fixture
def run():
    def run(*arguments):
        result = CliRunner().invoke(command, [str(a) for a in arguments], standalone_mode=False)
        assert result.exception is None
        return result

    return run


def test_refused_stimuli_exit_1_and_name_the_board(run, folder_set):
    stimuli = folder_set.root / "stimuli"
    result = run(folder_set.maps, "--leaderboard", "mit300", "--stimuli", stimuli, "-q")
    assert result.return_value == 1
    assert "E101" in result.output
    assert "300 images i1 to i300" in result.output


def test_json_is_alone_on_stdout(run, folder_set):
    stimuli = folder_set.root / "stimuli"
    arguments = ["--leaderboard", "mit300", "--stimuli", stimuli, "--format", "json"]
    report = json.loads(run(folder_set.maps, *arguments).stdout)
    assert report["kind"] == "validation"
    assert report["leaderboard"] == "mit300"
    assert not report["ok"]


def test_a_clean_submission_exits_0(run, tmp_path, monkeypatch):
    import dataclasses

    import numpy as np
    from PIL import Image

    from benchmark_kit import leaderboards
    from benchmark_kit.leaderboards import get_board
    from benchmark_kit.leaderboards.rules import Split

    small = dataclasses.replace(get_board("mit300"), splits=(Split("test", 2, "i[12]", None),))
    monkeypatch.setattr(leaderboards, "_boards", lambda: {"mit300": small})
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:40, :50]
    for k in (1, 2):
        for folder in ("maps", "stimuli"):
            (tmp_path / folder).mkdir(exist_ok=True)
        picture = rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)
        Image.fromarray(picture).save(tmp_path / "stimuli" / f"i{k}.jpg")
        peak = np.exp(-(((rows - 12 * k) / 9) ** 2) - ((columns - 15 * k) / 9) ** 2)
        scaled = (20 + 235 * peak / peak.max()).astype(np.uint8)
        Image.fromarray(scaled).save(tmp_path / "maps" / f"i{k}.png")
    result = run(
        *(tmp_path / "maps", "--leaderboard", "mit300", "--stimuli", tmp_path / "stimuli"),
        "--strict",
    )
    assert result.return_value == 0, result.output
    assert "passed: 0 problems" in result.stdout
    assert "checking" in result.stderr


def test_leaderboards_are_listed_with_their_state():
    result = CliRunner().invoke(list_command, ["leaderboards"])
    lines = result.output.splitlines()
    assert len(lines) == 8
    (mit300,) = (line for line in lines if line.startswith("mit300 "))
    assert "open (2025-05)" in mit300
    assert "densities" in mit300
    (lsun,) = (line for line in lines if line.startswith("lsun"))
    assert "closed (2015-05)" in lsun


def test_verbose_tells_the_etiquette_and_the_source():
    text = CliRunner().invoke(list_command, ["leaderboards", "-v"]).output
    for part in (
        "one model at a time",
        "resized bilinearly without a word",
        "saliency-benchmarking",
        "not documented",
        "even numbers",
    ):
        assert part in text
