"""Exit statuses: 0 done, 1 a negative verdict, 2 wrong usage, 3 unusable input; the message on
stderr, nothing but results on stdout.
"""

import json
import re

import numpy as np
import pytest

from benchmark_kit.imaging.images import write_png


def evaluate(salbench, folder_set, *more, maps=None):
    return salbench(
        "evaluate",
        maps or folder_set.maps,
        *("--dataset", "folder", "--root", folder_set.root, "--workers", "1", "--no-cache"),
        *more,
    )


def refused(done, status, *parts):
    """The run ended with this status and said these parts, without a traceback or a result."""
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr


def test_done_is_0_and_quiet_says_nothing_else(salbench, folder_set):
    done = evaluate(salbench, folder_set, "--metrics", "nss")
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == "scoring 6 images"
    assert re.fullmatch(r"scoring done in \d+\.\d s", done.stderr.splitlines()[1])
    quiet = evaluate(salbench, folder_set, "--metrics", "nss", "-q")
    assert (quiet.returncode, quiet.stderr) == (0, "")
    assert quiet.stdout == done.stdout


@pytest.mark.parametrize(("key", "better"), [("nss", 1), ("kl", -1)])
def test_a_shortfall_is_1_and_is_told(salbench, folder_set, key, better):
    run = ("--metrics", "nss,kl", "--format", "json", "-q")
    value = json.loads(evaluate(salbench, folder_set, *run).stdout)["metrics"][key]["value"]
    limit = round(value + better * 0.25, 4)
    done = evaluate(salbench, folder_set, *run, "--fail-under", f"{key}={limit}")
    assert done.returncode == 1
    assert done.stderr == (
        f"salbench: {key} is {value:.4f}, {abs(limit - value):.4f} worse than {limit:g}\n"
    )
    assert json.loads(done.stdout)["metrics"][key]["value"] == value
    met = evaluate(salbench, folder_set, *run, "--fail-under", f"{key}={value - better * 0.25}")
    assert (met.returncode, met.stderr) == (0, "")


def test_each_limit_is_judged_and_a_metric_without_a_value_fails(salbench, folder_set):
    for name in folder_set.names:
        height, width = folder_set.truths()[name].size
        write_png(folder_set.maps / f"{name}.png", np.full((height, width), 7, np.uint8))
    limits = ("--fail-under", "nss@mit=0", "--fail-under", "auc=0.6", "--fail-under", "auc=0.4")
    done = evaluate(salbench, folder_set, "--metrics", "auc,nss@mit", "-q", *limits)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "salbench: nss@mit has no value",
        "salbench: auc is 0.5000, 0.1000 worse than 0.6",
    ]


def test_a_limit_that_is_no_number_is_refused(salbench, folder_set):
    done = evaluate(salbench, folder_set, "--metrics", "nss", "--fail-under", "nss=nan", "-q")
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluat", "x"], "no such command 'evaluat': did you mean 'evaluate'?"),
        (["density"], "no such command 'density': did you mean 'densities'?"),
        (["qqq"], "no such command 'qqq': known are "),
        (["evaluate", "--dataset", "osie", "--root", "x"], "give either MAPS or --model"),
        (["evaluate", "x", "--root", "x"], "Missing option '--dataset'"),
        (["evaluate", "x", "--dataset", "osie"], "Missing option '--root'"),
        (["densities", "--dataset", "osie", "--root", "x"], "Missing option '--out'"),
        (["evaluate", "x", "--dataset", "osy", "--root", "."], "nearest: osie"),
        (["evaluate", "x", "--dataset", "osie", "--root", "no"], "the folder no does not exist"),
        (["evaluate", "x", "--metric", "nss"], "--metrics"),
        (["list", "metrics", "nss"], "unexpected extra argument"),
    ],
)
def test_wrong_usage_is_2(salbench, tmp_path, arguments, message):
    refused(salbench(*arguments, cwd=tmp_path), 2, message)


def test_no_arguments_show_the_help_and_are_2(salbench):
    for arguments in ((), ("list",)):
        refused(salbench(*arguments), 2, "Usage: salbench", "Commands:")


def test_a_folder_instead_of_a_command_is_2_and_told_where_it_belongs(salbench, tmp_path):
    (tmp_path / "my maps").mkdir()
    done = salbench("my maps", cwd=tmp_path)
    refused(done, 2, "did you mean `salbench evaluate my maps --dataset NAME --root DIR`?")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--metrics", "ns"], "unknown metric 'ns': did you mean 'nss'?"),
        (["--metrics", "nss@mti"], "unknown dialect 'mti': did you mean 'mit'?"),
        (["--dialect", "tubingen"], "unknown dialect 'tubingen': did you mean 'tuebingen'?"),
        (["--resume"], "--resume needs --out"),
        (["--resize", "lanczos"], "lanczos"),
        (["--workers", "0"], "0 is not in the range x>=1"),
        (["--bootstrap", "-1"], "-1 is not in the range x>=0"),
        (["--format", "yaml"], "'yaml' is not one of"),
        (["--fail-under", "nss"], "write for instance nss=2.0"),
        (["--split", "train"], "data set folder has no option 'split'"),
        (["--out", "no/r.json"], "the folder no does not exist"),
        (["--csv", "no/r.csv"], "the folder no does not exist"),
        (["--sigma", "1deg"], "states no pixels per degree"),
    ],
)
def test_wrong_options_are_2(salbench, folder_set, options, message):
    refused(evaluate(salbench, folder_set, *options), 2, message)


@pytest.mark.parametrize("options", [("--seed", "-1"), ("--metrics", ",")])
def test_a_negative_seed_and_an_empty_list_are_2(salbench, folder_set, options):
    refused(evaluate(salbench, folder_set, *options), 2)


def test_one_file_for_results_and_rows_is_2(salbench, folder_set, tmp_path):
    same = tmp_path / "r"
    refused(evaluate(salbench, folder_set, "--metrics", "nss", "--out", same, "--csv", same), 2)


def test_maps_that_are_not_there_are_2(salbench, folder_set, tmp_path):
    done = evaluate(salbench, folder_set, maps=tmp_path / "nowhere")
    refused(done, 2, "no such file or folder")


def test_unusable_maps_are_3_and_nothing_is_written(salbench, folder_set, tmp_path):
    (folder_set.maps / f"{folder_set.names[2]}.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    out = tmp_path / "r.json"
    refused(evaluate(salbench, folder_set, "--out", out), 3, "E301", folder_set.names[2])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "maps"]


def test_an_unusable_data_set_is_3(salbench, folder_set):
    (folder_set.root / "fixations.csv").write_text("image,x\n")
    refused(evaluate(salbench, folder_set), 3, "E704", "fixations.csv")
    (folder_set.root / "fixations.csv").unlink()
    refused(evaluate(salbench, folder_set), 3, "E701", "not laid out as documented")
