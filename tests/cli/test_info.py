"""`salbench info` and the version."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

import benchmark_kit
import benchmark_kit.cli.info as info
import keras_saliency

PROJECT = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())


def shown():
    return CliRunner().invoke(info.command).output


def test_both_packages_have_the_distributions_version():
    assert benchmark_kit.__version__ == PROJECT["project"]["version"]
    assert keras_saliency.__version__ == benchmark_kit.__version__


def test_it_tells_what_a_report_of_a_fault_needs(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_SALIENCY_CACHE", str(tmp_path))
    rows = dict(line.split(maxsplit=1) for line in shown().splitlines())
    assert rows["keras-saliency"] == benchmark_kit.__version__
    assert rows["cache"] == str(tmp_path / "datasets")
    assert rows["numpy"][0].isdecimal()


def test_every_extra_of_the_project_that_brings_libraries_is_looked_for():
    known = set(PROJECT["project"]["optional-dependencies"]) - {"all", "dev", "docs", "hub"}
    assert set(info.EXTRAS) == known


@pytest.mark.parametrize("extra", info.EXTRAS)
def test_an_extra_that_is_not_there_is_said(extra, monkeypatch):
    monkeypatch.setattr(info, "_version", lambda name: None)
    (line,) = (line for line in shown().splitlines() if line.startswith(f"[{extra}]"))
    assert line.endswith("not installed")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_get_their_completion(shell):
    command = [sys.executable, "-c", "from benchmark_kit.cli import main; main()"]
    environment = {**os.environ, "_SALBENCH_COMPLETE": f"{shell}_source"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0
    assert "_SALBENCH_COMPLETE=" in done.stdout
