import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from benchmark_kit.errors import ConfigError, InputError, RunFailed
from keras_saliency.training.checkpoint import load_state, save_state, variables_of


def network(units=3, seed=0):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((4,))
    x = keras.layers.Dense(units)(inputs)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dropout(0.5)(x)
    model = keras.Model(inputs, keras.layers.Dense(1)(x))
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def learn(model, steps):
    for step in steps:
        rng = np.random.default_rng(step)
        model.train_on_batch(rng.random((8, 4), np.float32), rng.random((8, 1), np.float32))


def all_of(model):
    variables = (*model.variables, *model.optimizer.variables)
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def test_a_state_goes_on_as_if_it_had_never_been_left(tmp_path):
    """Dropout's draws and Adam's moments among it."""
    straight = network()
    learn(straight, range(6))
    first = network()
    learn(first, range(3))
    save_state(tmp_path / "last.npz", variables_of(first), {"epoch": 1, "sum": 0.1 + 0.2})
    second = network(seed=77)
    assert load_state(tmp_path / "last.npz", variables_of(second)) == {"epoch": 1, "sum": 0.1 + 0.2}
    learn(second, range(3, 6))
    for wanted, found in zip(all_of(straight), all_of(second), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_the_state_of_another_network_is_refused_and_changes_nothing(tmp_path):
    save_state(tmp_path / "last.npz", variables_of(network(units=5)), {})
    model = network()
    before = all_of(model)
    with pytest.raises(InputError, match=r"of another network:\n.*\(4, 3\).*\(4, 5\)"):
        load_state(tmp_path / "last.npz", variables_of(model))
    for wanted, found in zip(before, all_of(model), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_state_that_is_none_is_told(tmp_path):
    path = tmp_path / "last.npz"
    with pytest.raises(ConfigError, match="no file"):
        load_state(path, variables_of(network()))
    path.write_bytes(b"PK\x03\x04 half a file")
    with pytest.raises(InputError, match=r"last\.npz"):
        load_state(path, variables_of(network()))
    np.savez(path, a=np.zeros(3))
    with pytest.raises(InputError, match="no checkpoint of a training run"):
        load_state(path, variables_of(network()))


def test_a_full_disk_leaves_the_former_state_whole(tmp_path, monkeypatch):
    path = tmp_path / "last.npz"
    model = network()
    save_state(path, variables_of(model), {"epoch": 1})
    before = path.read_bytes()

    def full(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(RunFailed, match=r"cannot write .*last\.npz: No space left.*make room"):
        save_state(path, variables_of(model), {"epoch": 2})
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["last.npz"]
