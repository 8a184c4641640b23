"""`salbench import`: from a table to a score."""

import csv

import pytest


@pytest.fixture
def table(folder_set, tmp_path):
    """The generated set's fixations as an EyeLink report."""
    with open(folder_set.root / "fixations.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = (
        "RECORDING_SESSION_LABEL",
        "image",
        "CURRENT_FIX_INDEX",
        "CURRENT_FIX_X",
        "CURRENT_FIX_Y",
    )
    with open(tmp_path / "report.txt", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(names)
        writer.writerows((r["subject"], r["image"], r["order"], r["x"], r["y"]) for r in rows)
    return tmp_path / "report.txt"


def test_the_set_is_scored_as_the_original(salbench, folder_set, table, tmp_path):
    done = salbench(
        "import", table, "--stimuli", folder_set.root / "stimuli", "--out", tmp_path / "mine"
    )
    assert done.returncode == 0, done.stderr
    assert "120 fixations of 4 subjects on 6 of 6 pictures" in done.stdout
    scores = [
        salbench(
            *("evaluate", folder_set.maps, "--dataset", "folder", "--root", root),
            *("--format", "csv", "--workers", 1, "--no-cache"),
        ).stdout
        for root in (folder_set.root, tmp_path / "mine")
    ]
    assert scores[0] == scores[1] != ""


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--map", "x"), "write x=COLUMN"),
        (("--screen", "1920"), "write 1920x1080"),
        (("--screen", "1920xnan"), "write 1920x1080"),
        (("--place", "10x20"), "write 560,240"),
        (("--scale", "large"), "a number such as 1.5, fit or fill"),
        (("--scale", "fit"), "--screen WIDTHxHEIGHT"),
        (("--units", "degrees"), "--pixels-per-degree"),
        (("--format", "eyelnk"), "is not one of"),
    ],
)
def test_options_that_say_nothing_are_usage_errors(
    salbench, folder_set, table, tmp_path, option, said
):
    place = ("--stimuli", folder_set.root / "stimuli", "--out", tmp_path / "mine")
    done = salbench("import", table, *place, *option)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "mine").exists()


def test_every_format_can_be_asked_for():
    from benchmark_kit.cli.import_tables import FORMATS
    from benchmark_kit.trackers.sources.opening import formats

    assert formats() == FORMATS
