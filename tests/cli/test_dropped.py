"""Fixations that were left out are told by every command that reads them, in every form."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from benchmark_kit.cli import cli
from benchmark_kit.errors import InputError

TEXT = "7 of 127 (5.5 %): 4 outside, 2 negative, 1 not finite"


def run(*arguments):
    found = CliRunner().invoke(cli, list(map(str, arguments)), standalone_mode=False)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


@pytest.fixture
def strays(folder_set):
    """A data set some of whose fixations lie outside."""
    name = f"{folder_set.names[1]}.png"
    with open(folder_set.root / "fixations.csv", "a", encoding="utf-8") as file:
        for x, y in ((70, 5), (5, 70), (99, 99), (64, 0), (-1, 5), (5, -0.5), ("nan", 5)):
            file.write(f"{name},{x},{y},9,0,0.2\n")
    return folder_set


def evaluate(data, *options):
    return run(
        *("evaluate", data.maps, "--dataset", "folder", "--root", data.root, "--no-cache"),
        *("--metrics", "nss", "--bootstrap", 0, "--workers", 1, "-q", *options),
    )


def test_a_table_of_every_form_and_the_report_tell_them(strays, tmp_path):
    out = tmp_path / "results.json"
    text = evaluate(strays, "--out", out).stdout
    assert f"dropped   fixations: {TEXT}" in text
    assert f"W701 fixations dropped: {TEXT}" in text
    data = json.loads(out.read_text())
    counts = {"outside": 4, "negative": 2, "not finite": 1}
    assert data["fixations"] == {"kept": 120, "dropped": counts}
    assert data["dataset"]["dropped"] == counts
    (warning,) = data["warnings"]
    assert (warning["code"], TEXT in warning["text"]) == ("W701", True)
    for form in ("markdown", "latex"):
        assert TEXT in evaluate(strays, "--format", form).stdout
    csv = evaluate(strays, "--format", "csv")
    assert (TEXT in csv.stderr, TEXT in csv.stdout) == (True, False)
    for form in ("html", "markdown", "latex"):
        page = tmp_path / f"page.{form}"
        run("report", out, "--root", tmp_path / "none", "--out", page, "--format", form)
        assert TEXT in page.read_text()


def test_densities_and_overlays_tell_them(strays, tmp_path):
    options = ("--dataset", "folder", "--root", strays.root, "--no-cache")
    assert TEXT in run("densities", *options, "--out", tmp_path / "a").stdout
    assert TEXT in run("densities", *options, "--out", tmp_path / "b", "-q").stderr
    name = f"{strays.names[1]}.png"
    place = (strays.root / "stimuli" / name, strays.maps / name, "--out", tmp_path / "o.png")
    table = strays.root / "fixations.csv"
    with pytest.raises(InputError, match="6 of 26 fixations"):
        run("overlay", *place, "--fixations", table)
    assert not (tmp_path / "o.png").exists()
    done = run("overlay", *place, "--fixations", table, "--max-outside", 0.5)
    assert "warning: fixations dropped: 7 of 27" in done.stderr


def test_nothing_is_said_where_nothing_was_left_out(folder_set, tmp_path):
    done = evaluate(folder_set, "--format", "csv")
    assert "dropped" not in done.output
    assert "dropped" not in evaluate(folder_set).output


def test_what_a_rule_leaves_out_is_counted_without_a_warning(folder_set):
    (folder_set.root / "dataset.toml").write_text("drop_first = true")
    text = evaluate(folder_set).stdout
    assert "dropped   fixations: 24 of 120 (20.0 %): 24 first fixation" in text
    assert "W701" not in text


def test_the_share_that_may_lie_outside_is_an_option_of_every_command(strays, tmp_path):
    with pytest.raises(InputError, match="up to 1% are accepted"):
        evaluate(strays, "--max-outside", 0.01)
    place = ("--dataset", "folder", "--root", strays.root, "--out", tmp_path / "d")
    with pytest.raises(InputError, match="up to 1% are accepted"):
        run("densities", *place, "--max-outside", 0.01)


def test_nothing_left_is_told_as_such(folder_set, tmp_path):
    names = sorted(folder_set.names)
    rows = [f"{name}.png,nan,{k}" for k, name in enumerate(names)]
    (folder_set.root / "fixations.csv").write_text("\n".join(["image,x,y", *rows]))
    for command in (
        lambda: evaluate(folder_set),
        lambda: run(
            *("densities", "--dataset", "folder", "--root", folder_set.root),
            *("--out", tmp_path / "d"),
        ),
    ):
        with pytest.raises(InputError, match=r"nothing is left .*6 of 6 \(100.0 %\): 6 not finite"):
            command()


def test_densities_of_settings_are_those_of_pixels(folder_set, tmp_path):
    options = ("--dataset", "folder", "--root", folder_set.root, "--no-cache", "--depth", "float")
    run("densities", *options, "--out", tmp_path / "pixels", "-q")
    table = folder_set.root / "fixations.csv"
    head, *lines = table.read_text().splitlines()
    moved = []
    for line in lines:
        name, x, y, *rest = line.split(",")
        moved.append(",".join([name, repr(float(x) + 320), repr(float(y) + 240), *rest]))
    table.write_text("\n".join([head, *moved]))
    (folder_set.root / "dataset.toml").write_text("offset = [320, 240]")
    run("densities", *options, "--out", tmp_path / "moved", "-q")
    place = f"densities/{folder_set.names[1]}.npy"
    one, other = (np.load(tmp_path / part / place) for part in ("pixels", "moved"))
    np.testing.assert_allclose(one, other, atol=1e-12)
