"""Defaults from `salbench.toml` or `[tool.salbench]`."""

import json

import pytest


@pytest.fixture
def project(folder_set):
    """A folder with a data set and maps; commands run in a folder below it."""
    below = folder_set.root.parent / "work"
    below.mkdir()
    return folder_set.root.parent, below


def scored(salbench, below, *options):
    arguments = ("../maps", "--dataset", "folder", "--format", "json", "--workers", 1)
    return salbench("evaluate", *arguments, *options, cwd=below)


@pytest.mark.parametrize(
    ("name", "table"), [("salbench.toml", ""), ("pyproject.toml", "tool.salbench.")]
)
def test_the_nearest_file_upwards_sets_roots_and_options(salbench, project, name, table):
    folder, below = project
    text = f'[{table}roots]\nfolder = "data"\n[{table}evaluate]\nmetrics = "nss"\nno-cache = true\n'
    (folder / name).write_text(text)
    done = scored(salbench, below)
    assert done.returncode == 0, done.stderr
    assert list(json.loads(done.stdout)["metrics"]) == ["nss"]
    done = scored(salbench, below, "--metrics", "cc")
    assert list(json.loads(done.stdout)["metrics"]) == ["cc"], "the command line wins"


def test_without_a_root_anywhere_it_is_asked_for(salbench, project):
    done = scored(salbench, project[1])
    assert done.returncode == 2
    assert "Missing option '--root'" in done.stderr


def test_a_project_file_of_others_is_passed_by(salbench, project):
    folder, below = project
    (below / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    (folder / "salbench.toml").write_text('[roots]\nfolder = "data"\n')
    assert scored(salbench, below, "--metrics", "nss").returncode == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[evaluat]\nworkers = 2\n", "no command 'evaluat': did you mean 'evaluate'?"),
        ("[evaluate]\nworker = 2\n", "[evaluate]: no option 'worker': did you mean 'workers'?"),
        ("workers = 2\n", "workers is no table. Fix: [evaluate] above the options"),
        ("[evaluate\n", "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_name(salbench, project, text, said):
    folder, below = project
    (folder / "salbench.toml").write_text(text)
    done = salbench("list", "datasets", cwd=below)
    assert done.returncode == 2
    assert said in done.stderr
    assert str(folder / "salbench.toml") in done.stderr
    assert len(done.stderr.splitlines()) == 1
