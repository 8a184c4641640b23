"""Commands about networks say in one line how to get Keras where it, or its backend, is missing."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from benchmark_kit.errors import MissingExtra
from keras_saliency.base.needs_keras import needs_keras

HIDDEN = """
from importlib.machinery import PathFinder
found = PathFinder.find_spec
hidden = ("keras", "tensorflow", "jax")
PathFinder.find_spec = lambda name, *rest: None if name in hidden else found(name, *rest)
from benchmark_kit.cli import main
main({arguments!r})
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a saved network, a picture, and a data set."""
    folder = tmp_path_factory.mktemp("place")
    keras.Sequential([keras.layers.Input((4, 4, 3)), keras.layers.Dense(1)]).save(
        folder / "net.keras"
    )
    (folder / "data" / "stimuli").mkdir(parents=True)
    picture = Image.fromarray(np.zeros((12, 16, 3), np.uint8))
    picture.save(folder / "photo.png")
    picture.save(folder / "data" / "stimuli" / "photo.png")
    (folder / "data" / "fixations.csv").write_text("image,x,y\nphoto.png,3,4\nphoto.png,5,6\n")
    return folder


@pytest.mark.parametrize(
    ("arguments", "purpose"),
    [
        (("predict", "--model", "net.keras", "photo.png"), "the network net.keras"),
        (("predict", "--model", "msi_net", "photo.png"), "model msi_net"),
        (("crop", "photo.png", "--aspect", "1:1", "--model", "net.keras"), "the network net.keras"),
        (("export", "--model", "net.keras", "--out", "net.onnx"), "the network net.keras"),
        (("evaluate", "--model", "net.keras", "--dataset", "folder", "--root", "data"), "the net"),
        (
            ("train", "--model", "ml_net", "--dataset", "folder", "--root", "data", "--out", "run"),
            "training ml_net",
        ),
    ],
)
def test_one_line_with_the_installation(place, arguments, purpose):
    code = HIDDEN.format(arguments=list(arguments))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert f"salbench: {purpose}" in done.stderr
    assert done.stderr.rstrip().endswith('Fix: pip install "keras-saliency[tensorflow]"')
    assert not (place / "run").exists()


def test_the_backend_that_is_missing_is_named_and_other_modules_are_not_hidden():
    with pytest.raises(MissingExtra, match=r"\[jax\]"), needs_keras("this"):
        raise ModuleNotFoundError("No module named 'jax'", name="jax")
    with pytest.raises(ModuleNotFoundError, match="optree"), needs_keras("this"):
        raise ModuleNotFoundError("No module named 'optree'", name="optree")
