"""A distribution of weights of our own making, in place of keras-saliency-weights."""

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from keras_saliency.lite.layout import FRAME
from keras_saliency.lite.weights import LiteWeights, shipped

LIST = """
networks = [
    { name = "saliency_lite", frames = [[384, 512], [192, 256]] },
    { name = "second", frames = [[192, 256]] },
    { name = "first", frames = [[192, 256]] },
]
"""
ROOT = Path(__file__).resolve().parents[3]


def write_member(folder, name, encoder, seed, frame=FRAME):
    """A network with random weights that keep activations alive, and its graph."""
    import keras

    from keras_saliency.models.saliency_lite import saliency_lite

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    arrays = {}
    for layer in saliency_lite(encoder=encoder, pretrained=False).layers:
        if layer.name != "calibration":
            for k, weight in enumerate(layer.weights):
                fan = max(1, int(np.prod(weight.shape[:-1])))
                wide = 0.05 + np.sqrt(2 / fan) if len(weight.shape) == 4 else 0.1
                arrays[f"{layer.name}/{k}"] = np.asarray(weight) + rng.normal(0, wide, weight.shape)
    held = shipped()
    weights = LiteWeights(encoder, arrays, held.calibrations, held.priors, frame)
    weights.write(folder / f"{name}.npz")
    subprocess.run(
        [sys.executable, "graph.py", folder / f"{name}.npz", folder / f"{encoder}.onnx"],
        check=True,
        cwd=ROOT / "weights",
        capture_output=True,
    )


@pytest.fixture(scope="session")
def distribution(tmp_path_factory):
    """A folder to import `keras_saliency_weights` from."""
    pytest.importorskip("onnx")
    home = tmp_path_factory.mktemp("distribution")
    folder = home / "keras_saliency_weights"
    folder.mkdir()
    (folder / "__init__.py").touch()
    write_member(folder, "first", "mobilenet", 1)
    write_member(folder, "second", "efficientnet_lite0", 2, (192, 256))
    (folder / "networks.toml").write_text(LIST)
    return home


@pytest.fixture
def installed(distribution, monkeypatch):
    """As if that distribution were the one installed."""
    monkeypatch.syspath_prepend(distribution)
    monkeypatch.delitem(sys.modules, "keras_saliency_weights", raising=False)
    importlib.invalidate_caches()
    yield distribution / "keras_saliency_weights"
    sys.modules.pop("keras_saliency_weights", None)
