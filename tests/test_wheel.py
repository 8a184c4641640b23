"""What a user installs: the two packages with their data, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    import shutil

    # a copy: building writes beside the sources
    tree = tmp_path_factory.mktemp("tree")
    for name in ("benchmark_kit", "keras_saliency"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copyfile(ROOT / name, tree / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "out", "."]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (wheel,) = (tree / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.file_size for info in archive.infolist()}


@pytest.mark.slow
def test_the_source_archive_has_what_a_checkout_has(tmp_path):
    import shutil
    import tarfile

    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("no checkout")
    for name in listed.stdout.splitlines():
        if not name.startswith("keras-saliency-weights/") and (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tmp_path / name)
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", "out", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (archive,) = (tmp_path / "out").glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        held = {name.partition("/")[2] for name in opened.getnames()}
    wanted = {
        name
        for name in listed.stdout.splitlines()
        if not name.startswith("keras-saliency-weights/") and name != ".gitignore"
    }
    assert wanted <= held, sorted(wanted - held)[:10]


@pytest.mark.slow
def test_every_module_card_and_marker_is_inside(members):
    for package in ("benchmark_kit", "keras_saliency"):
        wanted = {
            path.relative_to(ROOT).as_posix()
            for pattern in (
                *("*.py", "*.toml", "py.typed", "*.csv", "*.jinja", "*.css", "*.js"),
                *("*.npz", "*.onnx"),
            )
            for path in (ROOT / package).rglob(pattern)
        }
        assert wanted <= set(members)


@pytest.mark.slow
def test_nothing_else_is_inside(members):
    tops = {name.split("/")[0] for name in members}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "benchmark_kit",
        "keras_saliency",
    }
    suffixes = {Path(name).suffix for name in members if ".dist-info" not in name}
    assert suffixes <= {
        *(".py", ".toml", ".typed", ".csv", ".jinja", ".css", ".js"),
        *(".npz", ".onnx"),
    }
