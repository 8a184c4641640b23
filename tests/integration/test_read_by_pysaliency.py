"""The boards' own reader gives the arrays that were packaged.

Runs where PYSALIENCY_PYTHON names a Python with pysaliency 0.2.22, numpy < 2 and hdf5storage.
"""

import dataclasses
import os
import subprocess

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.leaderboards import get_board
from benchmark_kit.leaderboards.rules import Split
from benchmark_kit.packaging.package import package
from benchmark_kit.packaging.stores import get_store
from benchmark_kit.packaging.stores.store import stored_array

READ = """
import sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from pysaliency import FileStimuli
from pysaliency.precomputed_models import (
    HDF5Model, HDF5SaliencyMapModel, ModelFromArchive, SaliencyMapModelFromArchive,
    SaliencyMapModelFromDirectory, SaliencyMapModelFromFile,
)

loader, package, out, *files = sys.argv[1:]
stimuli = FileStimuli(files)
model = {
    "HDF5Model": HDF5Model,
    "HDF5SaliencyMapModel": HDF5SaliencyMapModel,
    "ModelFromArchive": ModelFromArchive,
    "SaliencyMapModelFromArchive": SaliencyMapModelFromArchive,
    "SaliencyMapModelFromDirectory": SaliencyMapModelFromDirectory,
    "SaliencyMapModelFromFile": SaliencyMapModelFromFile,
}[loader](stimuli, package)
read = model.log_density if hasattr(model, "log_density") else model.saliency_map
np.savez(out, *[read(stimulus) for stimulus in stimuli])
"""
FLAT = {"i1": (40, 60), "i2": (50, 30), "i11": (40, 60), "i12": (33, 47)}
FOLDERS = dict.fromkeys(("Action/002", "Action/004", "Satelite/002", "Satelite/004"), (54, 96))
SPLITS = {
    "mit300": Split("test", 4, r"i\d+", None),
    "cat2000": Split("test", 4, r"(Action|Satelite)/00[24]", (96, 54), ("Action", "Satelite")),
    "lsun": Split("isun", 4, r"i\d+", None),
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pysaliency():
    python = os.environ.get("PYSALIENCY_PYTHON")
    if not python:
        pytest.skip("PYSALIENCY_PYTHON names no Python that has pysaliency")
    return python


@pytest.fixture
def read(pysaliency, tmp_path):
    """Arrays that pysaliency reads from a package, by name."""

    def run(loader, made, names):
        files = [tmp_path / "stimuli" / f"{name}.jpg" for name in names]
        command = [pysaliency, "-c", READ, loader, made, tmp_path / "read.npz", *files]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        with np.load(tmp_path / "read.npz") as arrays:
            return {name: arrays[f"arr_{k}"] for k, name in enumerate(names)}

    return run


def images(root, sizes):
    """Pictures on disk and a positive map for each."""
    maps = {}
    for k, (name, size) in enumerate(sizes.items()):
        path = root / "stimuli" / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(k)
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(path)
        maps[name] = rng.random(size) ** 3 + 0.01
    return maps


def made(tmp_path, board, maps, out, **options):
    rules = dataclasses.replace(get_board(board), splits=(SPLITS[board],))
    return package(maps, rules, tmp_path / "stimuli", tmp_path / out, workers=1, **options).path


@pytest.mark.parametrize(("board", "sizes"), [("mit300", FLAT), ("cat2000", FOLDERS)])
@pytest.mark.parametrize("store", ["png8", "png16", "npy"])
def test_zips_of_maps(read, tmp_path, board, sizes, store):
    maps = images(tmp_path, sizes)
    path = made(tmp_path, board, maps, "net.zip", store=store)
    for name, values in read("SaliencyMapModelFromArchive", path, list(sizes)).items():
        assert (values == stored_array(maps[name], get_store(store))).all()


@pytest.mark.parametrize(("board", "sizes"), [("mit300", FLAT), ("cat2000", FOLDERS)])
def test_maps_in_hdf5(read, tmp_path, board, sizes):
    maps = images(tmp_path, sizes)
    path = made(tmp_path, board, maps, "net.hdf5", store="hdf5")
    for name, values in read("HDF5SaliencyMapModel", path, list(sizes)).items():
        assert values.dtype == np.float32
        assert (values == maps[name].astype(np.float32)).all()


@pytest.mark.parametrize(("board", "sizes"), [("mit300", FLAT), ("cat2000", FOLDERS)])
@pytest.mark.parametrize(
    ("loader", "out", "store"),
    [("HDF5Model", "net.hdf5", "hdf5"), ("ModelFromArchive", "net.zip", "npy")],
)
def test_densities_pass_the_readers_own_check_of_their_sum(
    read, tmp_path, board, sizes, loader, out, store
):
    maps = images(tmp_path, sizes)
    options = {"kind": "densities", "to_density": "sum", "floor": 0.0, "store": store}
    path = made(tmp_path, board, maps, out, **options)
    for name, values in read(loader, path, list(sizes)).items():
        assert np.exp(values.astype(float)) == pytest.approx(maps[name] / maps[name].sum())


def test_the_cell_array_of_lsun(read, tmp_path):
    maps = images(tmp_path, FLAT)
    order = ["i12", "i1", "i2", "i11"]
    (tmp_path / "list.txt").write_text("".join(f"{name}.jpg\n" for name in order))
    path = made(tmp_path, "lsun", maps, "net.mat", list_file=tmp_path / "list.txt")
    for name, values in read("SaliencyMapModelFromFile", path, order).items():
        assert (values == stored_array(maps[name], get_store("mat73"))).all()
