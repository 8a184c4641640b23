"""Examples in docstrings give what they say, and every function of the two fronts has one.

They run in a folder with a small data set (`mine`), maps for it (`maps`), results (`ours.json`,
`other.json`), a photograph (`photo.png`) and a stand-in of MIT300.
"""

import doctest
import importlib
import inspect
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import benchmark_kit
import keras_saliency
from benchmark_kit.imaging.images import write_png
from tests.conftest import FolderSet

ROOT = Path(__file__).resolve().parents[2]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
WITH_KERAS = {"keras_saliency.training.run"}


def modules():
    for package in ("benchmark_kit", "keras_saliency"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if ">>> " in path.read_text(encoding="utf-8"):
                parts = path.relative_to(ROOT).with_suffix("").parts
                name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
                slow = pytest.mark.slow if name in WITH_KERAS else ()
                yield pytest.param(name, marks=slow)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    made = FolderSet(folder)
    made.root.rename(folder / "mine")
    rng = np.random.default_rng(0)
    write_png(folder / "photo.png", rng.integers(0, 256, (48, 64, 3), np.uint8))
    for name in ("stimuli", "maps"):
        (folder / "mit300" / name).mkdir(parents=True)
    for k in range(1, 301):
        picture = rng.integers(0, 256, (16, 24, 3), np.uint8)
        Image.fromarray(picture).save(folder / f"mit300/stimuli/i{k}.jpg")
        map_ = np.add.outer(rng.integers(1, 99, 16), rng.integers(1, 99, 24)).astype(np.uint8)
        write_png(folder / f"mit300/maps/i{k}.png", map_)
    truths = benchmark_kit.get_dataset("folder", folder / "mine", cache=False)
    benchmark_kit.evaluate(folder / "maps", truths).save(folder / "ours.json")
    noise = {t.name: rng.random(t.size) for t in truths}
    benchmark_kit.evaluate(noise, truths).save(folder / "other.json")
    return folder


@pytest.mark.parametrize("name", [*modules()])
def test_examples_give_what_they_say(name, place, monkeypatch):
    monkeypatch.chdir(place)
    given = {"get_dataset": benchmark_kit.get_dataset, "evaluate": benchmark_kit.evaluate}
    module = importlib.import_module(name)
    failed, tried = doctest.testmod(module, optionflags=FLAGS, extraglobs=given)
    assert tried
    assert not failed


@pytest.mark.parametrize("package", [benchmark_kit, keras_saliency], ids=lambda p: p.__name__)
def test_every_function_of_the_front_has_an_example(package):
    for name in package.__all__:
        found = getattr(package, name)
        if inspect.isfunction(found):
            assert ">>> " in (found.__doc__ or ""), name
