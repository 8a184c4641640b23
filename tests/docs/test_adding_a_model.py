"""The checklist "a model" of docs/contributing.md, gone through in a copy of both packages.

The two files that the page shows are added, the network and its card. Everything else finds
them: `build_model`, training, saved files, the commands and the documents.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmark_kit.imaging.images import write_png

ROOT = Path(__file__).resolve().parents[2]

TRAIN = """
import keras
import numpy as np
from keras_saliency import build_model, model_card

model = build_model("throw_away", recipe="own")
assert model.count_params() == model_card("throw_away").parameters
rng = np.random.default_rng(0)
before = model.get_weights()
value = model.train_on_batch(rng.random((2, 24, 32, 3)), rng.random((2, 24, 32, 1)))
assert np.isfinite(value).all()
assert any((a != b).any() for a, b in zip(before, model.get_weights()))
model.save("net.keras")
plain = keras.Model(model.inputs, model.get_layer("squared").output)
plain.save("plain.keras")
np.save("wanted.npy", model.predict_map("photo.png"))
"""

LOAD = """
import keras, keras_saliency
import numpy as np

assert type(keras.saving.load_model("plain.keras").get_layer("squared")).__name__ == "Squared"
found = keras_saliency.load_model("net.keras").predict_map("photo.png")
np.testing.assert_array_equal(found, np.load("wanted.npy"))
"""


@pytest.fixture(scope="module")
def copy(page_files, tmp_path_factory):
    """A folder with both packages, the documents and the two files."""
    folder = tmp_path_factory.mktemp("copy")
    leave = shutil.ignore_patterns("__pycache__", "*.png", "*.jpg")
    for name in ("benchmark_kit", "keras_saliency", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    shutil.copy(ROOT / "README.md", folder)
    for name, text in page_files("A model").items():
        (folder / name).write_text(text, encoding="utf-8")
    pixels = np.random.default_rng(1).integers(0, 256, (30, 50, 3)).astype(np.uint8)
    write_png(folder / "photo.png", pixels)
    return folder


@pytest.fixture
def run(copy):
    """`run(*arguments)`: python in the copy; what it prints."""

    def python(*arguments):
        env = {**os.environ, "PYTHONPATH": str(copy)}
        command = [sys.executable, "-W", "ignore", *arguments]
        done = subprocess.run(
            command, cwd=copy, env=env, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return python


SALBENCH = ("-c", "import sys; from benchmark_kit.cli import main; sys.exit(main())")


def test_it_is_listed_and_has_its_place_in_the_documents(copy, run):
    assert "Throw-away" in run(*SALBENCH, "list", "models", "throw*")
    run("-m", "keras_saliency.registry.models_page")
    before, after = (
        (folder / "docs" / "models" / "one_depth.md").read_text(encoding="utf-8")
        for folder in (ROOT, copy)
    )
    assert "## `throw_away`" not in before
    assert "## `throw_away`\n\nThrow-away.\n" in after
    assert "- option `width=4`: filters of the convolution" in after
    text = (copy / "docs" / "models.md").read_text(encoding="utf-8")
    assert "| [`throw_away`](models/one_depth.md#throw_away) | Throw-away | - | 117 |" in text


@pytest.mark.slow
def test_it_trains_is_saved_loads_elsewhere_and_predicts(copy, run):
    run("-c", TRAIN)
    run("-c", LOAD)
    run(*SALBENCH, "predict", "--model", "net.keras", "photo.png", "--out", "maps", "--depth",
        "float", "--allow-random-weights", "-q")  # fmt: skip
    np.testing.assert_array_equal(
        np.load(copy / "maps" / "photo.npy"), np.load(copy / "wanted.npy")
    )
