"""A network that is dead at its start says so in its first fit, whatever fit is given."""

import warnings

import keras
import numpy as np
import pytest

from keras_saliency.base.saliency_model import SaliencyModel

PICTURES = np.random.default_rng(0).random((6, 8, 8, 3)).astype("float32")
TRUTH = np.random.default_rng(1).random((6, 8, 8, 1)).astype("float32")


def network(bias):
    inputs = keras.Input((8, 8, 3))
    layer = keras.layers.Conv2D(
        1,
        1,
        activation="relu",
        kernel_initializer="ones",
        bias_initializer=keras.initializers.Constant(bias),
    )
    model = SaliencyModel(inputs, layer(inputs), name="small")
    model.compile("sgd", "mse", run_eagerly=True)
    return model


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return PICTURES[2 * index :][:2], TRUTH[2 * index :][:2]


def generator(seen):
    for k in range(3):
        seen.append(k)
        yield PICTURES[2 * k :][:2], TRUTH[2 * k :][:2]


FORMS = {
    "arrays": lambda seen: {"x": PICTURES, "y": TRUTH, "batch_size": 2},
    "PyDataset": lambda seen: {"x": Batches()},
    "generator": lambda seen: {"x": generator(seen), "shuffle": False, "steps_per_epoch": 3},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_dead_start_is_told_once_and_a_live_one_is_silent(form):
    seen = []
    dead = network(-100.0)
    with pytest.warns(UserWarning, match="small gives a constant map"):
        dead.fit(**FORMS[form](seen), verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dead.fit(**FORMS[form](seen), verbose=0)
        live = network(0.0)
        history = live.fit(**FORMS[form](seen), verbose=0)
    assert np.isfinite(history.history["loss"][0])
    if form == "generator":
        assert seen == [0, 1, 2] * 3, "no batch is lost or taken twice"


def test_a_data_set_of_tensorflow():
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the same as any iterable")
    data = tf.data.Dataset.from_tensor_slices((PICTURES, TRUTH)).batch(2)
    with pytest.warns(UserWarning, match="backbone_weights="):
        network(-100.0).fit(data, shuffle=False, verbose=0)


def test_an_output_of_several_is_named():
    inputs = keras.Input((8, 8, 3))
    flat = keras.layers.Conv2D(1, 1, kernel_initializer="zeros", name="flat")(inputs)
    live = keras.layers.Conv2D(1, 1, kernel_initializer="ones", name="live")(inputs)
    model = SaliencyModel(inputs, {"side": flat, "map": live}, name="two")
    model.compile("sgd", "mse", run_eagerly=True)
    with pytest.warns(UserWarning, match="two is constant in side"):
        model.fit(PICTURES, {"side": TRUTH, "map": TRUTH}, verbose=0)


def test_pictures_of_one_colour_have_constant_maps():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network(-100.0).fit(np.ones_like(PICTURES), TRUTH, verbose=0)
