"""A tiny network, and batches that need no files."""

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest


def _tiny_network():
    path = Path(__file__).with_name("tiny_network.py")
    spec = importlib.util.spec_from_file_location("tiny_network", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TINY = _tiny_network()


class ArrayBatches:
    """What `Loop` asks of batches, from a seed."""

    def __init__(self, steps=3, batch=2, seed=0):
        self.steps, self.batch, self.seed = steps, batch, seed
        self.spoiled: dict[tuple[int, int], float] = {}

    def names(self, epoch, step):
        return tuple(f"picture {epoch}.{step}.{k}" for k in range(self.batch))

    def arrays(self, epoch, step):
        rng = np.random.default_rng([self.seed, epoch, step])
        pictures = rng.uniform(-1, 1, (self.batch, TINY.SIDE, TINY.SIDE, 3))
        maps = rng.random((self.batch, TINY.GRID, TINY.GRID, 1))
        maps *= self.spoiled.get((epoch, step), 1.0)
        return pictures.astype(np.float32), maps.astype(np.float32)

    def stream(self, epoch, first=0):
        return (self.arrays(epoch, step) for step in range(first, self.steps))


@pytest.fixture
def array_batches():
    return ArrayBatches


@pytest.fixture
def tiny_network():
    """`tiny_network(seed, **options)`; calls with one seed give one network."""
    keras = pytest.importorskip("keras")
    from keras_saliency import build_model
    from keras_saliency.registry import cards as registry

    before = TINY.join_registry()

    def make(seed=0, **options):
        keras.utils.set_random_seed(seed)
        return build_model("tiny", **options)

    yield make
    registry._cards = before


@pytest.fixture
def small_ml_net():
    """ML-Net on MobileNet at 80x80, whose layers have the names of a real trunk."""
    pytest.importorskip("keras")
    from keras_saliency import build_model

    return build_model("ml_net", input_shape=(80, 80), encoder="mobilenet")


@pytest.fixture
def run(data, tiny_network, tmp_path):
    """`run(name, seed of the weights, **options)`: train the tiny network on the module's set."""
    from keras_saliency.training.run import train

    def call(name="run", seed=0, seed_of_order=0, network=None, **options):
        options.setdefault("epochs", 2)
        model = tiny_network(seed, **(network or {}))
        return train(model, data.truths(), tmp_path / name, seed=seed_of_order, **options)

    return call


@pytest.fixture(scope="module")
def undisturbed(data, tmp_path_factory):
    """`undisturbed(network, **options)`: the folder of such a run that nothing stopped."""
    keras = pytest.importorskip("keras")
    from keras_saliency import build_model
    from keras_saliency.registry import cards as registry
    from keras_saliency.training.run import train

    def call(network=None, **options):
        before = TINY.join_registry()
        keras.utils.set_random_seed(0)
        folder = tmp_path_factory.mktemp("undisturbed") / "run"
        train(build_model("tiny", **(network or {})), data.truths(), folder, **options)
        registry._cards = before
        return folder

    return call


@pytest.fixture
def assert_same_run():
    """All variables to the last bit, and what was logged of the epochs."""
    from keras_saliency.base.array_file import read_arrays

    def check(found, wanted):
        arrays, others = (read_arrays(folder / "last.npz") for folder in (found, wanted))
        assert set(arrays) == set(others)
        for name in set(arrays) - {"position"}:
            np.testing.assert_array_equal(arrays[name], others[name], err_msg=name)
        assert logged(found) == logged(wanted)

    def logged(folder):
        with (folder / "log.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        kept = [name for name in rows[0] if name == "epoch" or name.endswith("loss")]
        return [[(name, row[name]) for name in kept] for row in rows]

    return check
