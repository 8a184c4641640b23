"""What a user installs: the two packages with their data, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
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
    return wheel


@pytest.fixture(scope="module")
def members(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.file_size for info in archive.infolist()}


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """`salbench` of the wheel, in an environment of the base installation alone."""
    place = tmp_path_factory.mktemp("empty") / "environment"
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    python = place / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel]
    done = subprocess.run(command, capture_output=True, text=True)
    if "connection" in done.stderr.lower() and done.returncode:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr[-2000:]
    return python.with_name("salbench")


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


@pytest.mark.slow
def test_the_wheel_runs_in_an_empty_environment(installed, tmp_path):
    import os

    import numpy as np
    from PIL import Image

    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def salbench(*arguments):
        done = subprocess.run(
            [installed, *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env=environment,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    names = ("keras", "tensorflow", "jax", "matplotlib")
    search = f"from importlib.util import find_spec; print([n for n in {names} if find_spec(n)])"
    found = subprocess.check_output([installed.with_name("python"), "-c", search], text=True)
    assert found.strip() == "[]"
    salbench("demo", "--out", "demo")
    assert "NSS" in salbench(
        "evaluate", "demo/maps/spectral_residual", "--dataset", "folder", "--root", "demo/dataset"
    )
    rng = np.random.default_rng(0)
    (tmp_path / "stimuli").mkdir()
    for k in range(1, 301):
        picture = rng.integers(0, 256, (24, 32, 3), np.uint8)
        Image.fromarray(picture).save(tmp_path / "stimuli" / f"i{k}.jpg")
    salbench("predict", "stimuli", "--out", "maps")
    board = ("--leaderboard", "mit300", "--stimuli", "stimuli")
    assert "300 maps" in salbench("package", "maps", *board, "--out", "net.zip")
