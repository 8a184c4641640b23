"""Networks as graphs of constants: the same maps, and never those of other weights."""

import keras
import numpy as np
import pytest

from keras_saliency import build_model
from keras_saliency.base import many_pictures
from keras_saliency.base.many_pictures import Passes

if keras.config.backend() != "tensorflow":
    pytest.skip("graphs of TensorFlow", allow_module_level=True)

import tensorflow as tf

SIZE = (16, 24)


@pytest.fixture
def soon(monkeypatch):
    """Freeze after two pictures; tells whether a graph was made."""
    made = []
    make = many_pictures._Frozen.__init__

    def counted(self, *arguments):
        make(self, *arguments)
        made.append(self)

    monkeypatch.setattr(many_pictures, "MANY", 2)
    monkeypatch.setattr(many_pictures._Frozen, "__init__", counted)
    return made


@pytest.fixture(scope="module")
def batch():
    return np.random.default_rng(0).normal(0, 50, (2, *SIZE, 3)).astype("float32")


@pytest.fixture
def network():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((*SIZE, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", data_format="channels_last")(inputs)
    x = keras.layers.BatchNormalization()(x)
    return keras.Model(inputs, keras.layers.Conv2D(1, 1, data_format="channels_last")(x))


def by_assign(network, batch):
    network.weights[0].assign(network.weights[0] + 1.0)


def by_assign_add(network, batch):
    network.weights[-1].value.assign_add(tf.ones((1,)))


def by_one_element(network, batch):
    network.weights[-1].value.scatter_nd_add([[0]], [3.0])


def by_set_weights(network, batch):
    network.set_weights([w + 0.5 for w in network.get_weights()])


def by_training(network, batch):
    network.compile("sgd", "mse")
    network.train_on_batch(batch / 50, np.ones((*batch.shape[:3], 1), "float32"))


def by_compiled_training(network, batch):
    network.compile("sgd", "mse", jit_compile=True)
    network.train_on_batch(batch / 50, np.ones((*batch.shape[:3], 1), "float32"))


def by_statistics_alone(network, batch):
    network(batch, training=True)  # moves the means of the batch normalisation


CHANGES = (
    *(by_assign, by_assign_add, by_one_element, by_set_weights),
    *(by_training, by_compiled_training, by_statistics_alone),
)


@pytest.mark.parametrize("change", CHANGES)
def test_changed_weights_count_from_the_next_batch_on(network, batch, soon, change):
    run = Passes(network)
    for _ in range(3):
        before = run(batch)
    assert len(soon) == 1
    change(network, batch)
    after = run(batch)
    wanted = network.predict_on_batch(batch)
    assert np.abs(wanted - before).max() > 1e-3, "the change is seen"
    np.testing.assert_allclose(after, wanted, rtol=1e-5, atol=1e-4)
    for _ in range(3):
        np.testing.assert_allclose(run(batch), wanted, rtol=1e-5, atol=1e-4)
    assert len(soon) == 2, "made anew"


def test_loaded_weights_count_within_one_run(soon, tmp_path):
    keras.utils.set_random_seed(0)
    first, second = (build_model("msi_net", input_shape=SIZE) for _ in range(2))
    second.save_weights(tmp_path / "second.weights.h5")
    first.random_weights = second.random_weights = False
    rng = np.random.default_rng(0)
    pictures = list(rng.integers(0, 256, (6, *SIZE, 3)).astype(np.uint8))
    other = list(second.predict_maps(pictures, batch_size=1))
    run = first.predict_maps(pictures, batch_size=1)
    found = [next(run) for _ in range(4)]  # the fifth picture's map is not asked for yet
    assert len(soon) == 2
    first.load_weights(tmp_path / "second.weights.h5")
    found += list(run)
    assert np.abs(found[0] - other[0]).max() > 1e-3
    np.testing.assert_allclose(found[5], other[5], rtol=1e-5, atol=1e-4)


def test_a_few_pictures_make_no_graph(network, batch, soon):
    run = Passes(network)
    run(batch[:1])
    run(batch[:1])
    assert not soon


def test_other_sizes_go_the_ordinary_way_beside_one_graph(soon):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, None, 3))
    network = keras.Model(inputs, keras.layers.Conv2D(2, 3, data_format="channels_last")(inputs))
    run = Passes(network)
    rng = np.random.default_rng(0)
    for _ in range(4):
        for size in ((8, 9), (9, 8), (7, 7)):
            for count in (2, 1):
                given = rng.normal(size=(count, *size, 3)).astype("float32")
                np.testing.assert_allclose(
                    run(given), network.predict_on_batch(given), rtol=1e-5, atol=1e-4
                )
    assert len(soon) == 1


def test_several_inputs_and_named_outputs(soon):
    keras.utils.set_random_seed(0)
    first, second = keras.Input((4,)), keras.Input((3,))
    joined = keras.layers.Concatenate()([first, second])
    outputs = {"map": keras.layers.Dense(2)(joined), "aside": keras.layers.Dense(1)(second)}
    network = keras.Model([first, second], outputs)
    run = Passes(network)
    given = [np.ones((2, 4), "float32"), np.full((2, 3), 2.0, "float32")]
    wanted = network.predict_on_batch(given)
    for _ in range(3):
        found = run(given)
    assert len(soon) == 1
    assert sorted(found) == ["aside", "map"]
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("free", [None, 1000])
def test_none_is_made_on_a_gpu_or_where_memory_is_short(network, batch, soon, free, monkeypatch):
    monkeypatch.setattr(many_pictures, "free_bytes", lambda: free)
    run = Passes(network)
    for _ in range(3):
        run(batch)
    assert not soon


def test_a_network_that_runs_eagerly_still_does(network, batch, soon):
    network.compile("sgd", "mse", run_eagerly=True)
    run = Passes(network)
    for _ in range(3):
        run(batch)
    assert not soon


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sam_vgg", {"input_shape": (96, 128), "features": 64}),
        ("dsclrcn", {"input_shape": (96, 128)}),
        ("saliency_lite", {}),
        ("deepgaze3", {"encoder": "mobilenet", "components": 2}),
        ("eml_net_resnet50", {"input_shape": (96, 128)}),
    ],
)
def test_networks_of_every_kind_keep_their_maps(name, options, soon):
    """Recurrences, centre biases and histories as inputs, outputs of several scales."""
    keras.utils.set_random_seed(0)
    network = build_model(name, **options)
    network.random_weights = False
    rng = np.random.default_rng(0)
    pictures = list(rng.integers(0, 256, (4, 96, 128, 3)).astype(np.uint8))
    alone = [network.predict_map(one) for one in pictures]
    assert not soon
    maps = list(network.predict_maps(pictures, batch_size=1))
    assert len(soon) == 1
    for found, wanted in zip(maps, alone, strict=True):
        assert np.abs(found - wanted).max() <= 1e-4 * np.ptp(wanted)


def test_a_network_that_cannot_be_converted_is_called_as_ever(network, batch, monkeypatch):
    told = []

    def refuses(self, *arguments):
        told.append(1)
        raise ValueError("no kernel for this")

    monkeypatch.setattr(many_pictures, "MANY", 2)
    monkeypatch.setattr(many_pictures._Frozen, "__init__", refuses)
    passes = Passes(network)
    for _ in range(4):
        np.testing.assert_array_equal(passes(batch), network.predict_on_batch(batch))
    assert len(told) == 1
