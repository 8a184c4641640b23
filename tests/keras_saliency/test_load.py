"""Files of models and weights: what loads, what is refused, and what the refusal says."""

import json
import pickle
import zipfile

import h5py
import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency import build_model, load_model
from keras_saliency.base.network_file import load_weights

SIZE = (16, 16)


@pytest.fixture(scope="module")
def network():
    return build_model("msi_net", input_shape=SIZE)


@pytest.fixture(scope="module")
def whole(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "m.keras"
    network.save(path)
    return path


@pytest.fixture(scope="module")
def weights(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "m.weights.h5"
    network.save_weights(path)
    return path


def changed(path, target, edit):
    """A copy of a .keras file with an edited config."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                content = json.dumps(edit(json.loads(content))).encode()
            new.writestr(name, content)
    return target


@pytest.mark.parametrize("source", ["whole", "weights"])
def test_weights_come_from_both_kinds_of_file(network, source, request):
    other = build_model("msi_net", input_shape=SIZE)
    load_weights(other, request.getfixturevalue(source))
    assert not other.random_weights
    for have, want in zip(other.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(have, want)


def test_weights_of_another_network_are_listed_and_nothing_is_set(weights):
    other = build_model("ml_net", input_shape=(80, 80))
    before = [w.copy() for w in other.get_weights()]
    with pytest.raises(InputError) as caught:
        load_weights(other, weights)
    text = str(caught.value)
    assert "m.weights.h5 holds the weights of another network" in text
    assert "the file does not have it" in text
    assert "more" in text
    assert other.random_weights
    for have, want in zip(other.get_weights(), before, strict=True):
        np.testing.assert_array_equal(have, want)


def test_other_shapes_are_named(tmp_path):
    def build(width):
        inputs = keras.Input((4, 4, 3))
        x = keras.layers.Conv2D(width, 1)(inputs)
        return keras.Model(inputs, keras.layers.Conv2D(2, 1)(x))

    build(5).save_weights(tmp_path / "w.weights.h5")
    with pytest.raises(InputError) as caught:
        load_weights(build(6), tmp_path / "w.weights.h5")
    text = str(caught.value)
    assert "conv2d/vars/0: the model has (1, 1, 3, 6), the file (1, 1, 3, 5)" in text
    assert "conv2d_1/vars/0: the model has (1, 1, 6, 2), the file (1, 1, 5, 2)" in text
    assert "conv2d_1/vars/1" not in text, "what fits is not named"


@pytest.mark.parametrize("kept", [0, 100, 100_000])
def test_truncated_files(network, whole, weights, tmp_path, kept):
    (tmp_path / "m.keras").write_bytes(whole.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"no \.keras file, or only a part of one"):
        load_model(tmp_path / "m.keras")
    with pytest.raises(InputError, match="only a part of one"):
        load_weights(network, tmp_path / "m.keras")
    (tmp_path / "m.weights.h5").write_bytes(weights.read_bytes()[:kept])
    with pytest.raises(InputError, match="only a part of one"):
        load_weights(network, tmp_path / "m.weights.h5")


def test_an_altered_byte(whole, tmp_path):
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "m.keras").write_bytes(content)
    with pytest.raises(InputError, match=r"only a part of one .*model\.weights\.h5"):
        load_model(tmp_path / "m.keras")


def test_a_keras_file_without_its_parts(tmp_path):
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("metadata.json", "{}")
    with pytest.raises(InputError, match=r"config\.json"):
        load_model(tmp_path / "m.keras")


class Trap:
    """Unpickling it writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("name", ["m.pkl", "m.keras", "m.weights.h5", "m.pt"])
def test_pickles_are_refused_unread_whatever_their_name(network, tmp_path, name):
    path, proof = tmp_path / name, tmp_path / "ran"
    path.write_bytes(pickle.dumps(Trap(proof)))
    for call in (load_model, lambda path: load_weights(network, path)):
        with pytest.raises(InputError, match="is a pickle, which may run code"):
            call(path)
    assert not proof.exists()


def test_a_lambda_in_a_file_never_runs(tmp_path):
    inputs = keras.Input((4,))
    outputs = keras.layers.Lambda(lambda x: x * 2)(inputs)
    keras.Model(inputs, outputs).save(tmp_path / "m.keras")
    with pytest.raises(InputError, match="holds code"):
        load_model(tmp_path / "m.keras")


def test_an_entry_of_another_version(whole, tmp_path):
    def unknown(config):
        config["config"]["entry"]["name"] = "msi_net_of_tomorrow"
        return config

    with pytest.raises(ConfigError, match="unknown model 'msi_net_of_tomorrow'"):
        load_model(changed(whole, tmp_path / "m.keras", unknown))


def test_a_class_that_is_not_known(whole, tmp_path):
    def unknown(config):
        return {**config, "class_name": "Nothing", "registered_name": "a>Nothing", "module": "a"}

    with pytest.raises(InputError, match=r"m\.keras cannot be loaded"):
        load_model(changed(whole, tmp_path / "m.keras", unknown))


def test_any_keras_model_loads(tmp_path):
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    model.save(tmp_path / "m.keras")
    found = load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(found(np.ones((1, 4))), np.asarray(model(np.ones((1, 4)))))


def test_a_path_that_does_not_exist(network, tmp_path):
    for call in (load_model, lambda path: load_weights(network, path)):
        with pytest.raises(ConfigError, match="there is no file"):
            call(tmp_path / "none.keras")


def test_other_kinds_of_weights_ask_for_a_conversion(network, tmp_path):
    (tmp_path / "w.caffemodel").write_bytes(b"weights")
    with pytest.raises(ConfigError, match="salbench convert"):
        load_weights(network, tmp_path / "w.caffemodel")


def test_arrays_that_lie_in_another_file(network, weights, tmp_path):
    path = tmp_path / "w.weights.h5"
    path.write_bytes(weights.read_bytes())
    with h5py.File(path, "a") as file:
        names = []
        file.visititems(lambda n, i: names.append(n) if isinstance(i, h5py.Dataset) else None)
        shape = file[names[0]].shape
        del file[names[0]]
        raw = tmp_path / "raw"
        raw.write_bytes(b"\0" * 4 * int(np.prod(shape)))
        file.create_dataset(names[0], shape, "f4", external=[(str(raw), 0, h5py.h5f.UNLIMITED)])
    with pytest.raises(InputError, match="lies in another file"):
        load_weights(network, path)


def test_the_optimizers_state_is_no_weight(tmp_path):
    def build():
        inputs = keras.Input((4,))
        return keras.Model(inputs, keras.layers.Dense(2)(inputs))

    model, other = build(), build()
    model.compile(optimizer=keras.optimizers.SGD(momentum=0.9), loss="mse", run_eagerly=True)
    model.train_on_batch(np.ones((1, 4)), np.ones((1, 2)))
    model.save(tmp_path / "m.keras")
    load_weights(other, tmp_path / "m.keras")
    for have, want in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(have, want)


def test_build_model_names_the_weights_it_knows(tmp_path):
    with pytest.raises(ConfigError, match="has no weights 'salicon' and there is no such file"):
        build_model("msi_net", input_shape=SIZE, weights="salicon")


def test_weights_alone_build_their_network_again(network, weights, tmp_path):
    again = load_model(weights)
    assert (again.name, again.entry) == (network.name, network.entry)
    assert again.random_weights
    for have, want in zip(again.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(have, want)


def test_weights_that_do_not_say_whose_they_are(tmp_path):
    inputs = keras.Input((4,))
    keras.Model(inputs, keras.layers.Dense(2)(inputs)).save_weights(tmp_path / "w.weights.h5")
    with pytest.raises(InputError, match="does not say which network"):
        load_model(tmp_path / "w.weights.h5")
    with h5py.File(tmp_path / "w.weights.h5", "r+") as file:
        file.attrs["keras_saliency"] = "{"
    with pytest.raises(InputError, match="damaged, or only a part of one"):
        load_model(tmp_path / "w.weights.h5")


def test_keras_older_form_is_told_by_name(network, tmp_path):
    with pytest.raises(ConfigError, match=r"saved whole as \.keras"):
        network.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["model_config"] = "{}"
    with pytest.raises(InputError, match="older HDF5 form"):
        load_model(tmp_path / "m.h5")
