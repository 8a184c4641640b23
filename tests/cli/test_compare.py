"""`salbench compare`: statuses, forms and refusals."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from benchmark_kit.cli.compare import command
from benchmark_kit.errors import ConfigError, ResultsError


@pytest.fixture
def files(tmp_path, folder_set):
    """Results of good maps and of noise on the same six images."""
    from benchmark_kit import evaluate

    rng = np.random.default_rng(0)
    noise = {truth.name: rng.random(truth.size) for truth in folder_set.truths()}
    for name, maps in (("good", folder_set.maps), ("noise", noise)):
        evaluate(
            maps,
            folder_set.truths(),
            metrics="nss,kl",
            workers=1,
            out=tmp_path / f"{name}.json",
            bootstrap=50,
        )
    return tmp_path / "good.json", tmp_path / "noise.json"


def run(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=False)


def test_prints_and_writes_the_comparison(files, tmp_path):
    out = tmp_path / "c.json"
    done = run(*files, "--out", out)
    assert done.exception is None
    assert "model A   good: folder maps" in done.stdout
    assert "6 images compared" in done.stdout
    data = json.loads(out.read_text())
    pair = data["metrics"]["nss"]["pairs"][0]
    good, noise = (json.loads(path.read_text())["metrics"]["nss"]["value"] for path in files)
    assert pair["difference"] == pytest.approx(noise - good)
    # every image is won by the good maps: two of the 64 sign vectors are as extreme
    assert (pair["won"], pair["p"]) == (0.0, 2 / 64)
    assert json.loads(run(*files, "--format", "json").stdout) == data
    again = run(*files, "--out", out)
    assert isinstance(again.exception, ConfigError)
    assert "--force" in str(again.exception)
    assert run(*files, "--out", out, "--force").exception is None


@pytest.mark.parametrize(("form", "mark"), [("csv", "key,"), ("markdown", "| ---"), ("latex", "&")])
def test_other_forms(files, form, mark):
    done = run(*files, "--metrics", "nss", "--format", form)
    assert mark in done.stdout
    assert "KL" not in done.stdout


def test_refusals(files, tmp_path):
    missing = run(files[0], tmp_path / "no.json")
    assert isinstance(missing.exception, ConfigError)
    assert missing.exception.exit_status == 2
    data = json.loads(files[1].read_text())
    data["dataset"]["edition"] = "2015"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(data))
    refused = run(files[0], other)
    assert isinstance(refused.exception, ResultsError)
    assert refused.exception.exit_status == 3
    assert "edition: good: None, other: 2015" in str(refused.exception)
