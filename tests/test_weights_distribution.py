"""The distribution keras-saliency-weights: data that fit together, and a card that is true."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from keras_saliency.lite.weights import read_weights, shipped

HOME = Path(__file__).resolve().parents[1] / "keras-saliency-weights"
DATA = HOME / "keras_saliency_weights"
if not HOME.is_dir():
    pytest.skip("a source archive has the other distribution apart", allow_module_level=True)
NETWORKS = sorted(DATA.glob("*.npz"))


def test_it_stays_below_60_mb():
    assert NETWORKS
    assert sum(path.stat().st_size for path in DATA.iterdir() if path.is_file()) < 60e6


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_a_network_has_its_graph_and_calibrations(path):
    weights = read_weights(path)
    assert (DATA / f"{weights.encoder}.onnx").is_file()
    assert set(weights.calibrations) == set(shipped().calibrations)
    assert set(weights.priors) == set(shipped().priors)


def test_its_card_names_every_file_by_its_digest():
    card = (HOME / "README.md").read_text()
    for path in [*NETWORKS, *sorted(DATA.glob("*.onnx"))]:
        assert hashlib.sha256(path.read_bytes()).hexdigest() in card, path.name


@pytest.mark.slow
def test_its_wheel_holds_the_data_and_no_program(tmp_path):
    import shutil

    tree = tmp_path / "tree"  # a copy: building writes beside the sources
    shutil.copytree(HOME, tree, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "out", "."]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (wheel,) = (tree / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {Path(name).name for name in archive.namelist() if "dist-info" not in name}
    data = {path.name for path in DATA.iterdir() if path.suffix in (".npz", ".onnx", ".toml")}
    assert inside == {"__init__.py", *data}
