"""Networks of the registry at their smallest, and weights set to given values."""

import gc

import numpy as np
import pytest

from keras_saliency import model_card


@pytest.fixture(autouse=True)
def _free_networks():
    """Networks are cycles of objects: without this hundreds of megabytes each stay for long."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def smallest():
    """`smallest(name)`: the smallest (height, width) that a network of the registry takes."""
    return lambda name: model_card(name).smallest_size or (16, 16)


@pytest.fixture(scope="session")
def random_inputs():
    """`random_inputs(model, batch=1, size=None)`: prepared pictures, and what else it takes."""

    def make(model, batch=1, size=None, seed=0):
        rng = np.random.default_rng(seed)
        arrays = []
        for tensor in model.inputs:
            sides = size or (tensor.shape[1:3] if tensor.shape[1] else model.front.frame)
            if tensor.name == "dataset":  # of no known one
                arrays.append(np.full((batch, 1), -1, np.float32))
                continue
            if tensor.name == "history":  # x and y in pixels; one fixation of two is unknown
                array = rng.random((batch, *tensor.shape[1:])) * 16
                array[:, 1::2] = np.nan
            elif tensor.name == "centre_bias":
                array = np.full((batch, *sides, 1), -np.log(sides[0] * sides[1]))
            elif tensor.name == "mask":
                array = rng.random((batch, *sides, 3)) > 0.2
            else:
                array = rng.random((batch, *sides, 3))
            arrays.append(array.astype(np.float32))
        return arrays if len(arrays) > 1 else arrays[0]

    return make


@pytest.fixture(scope="session")
def set_weights():
    """`set_weights(model, {layer: value or (kernel, bias)})`: all others become zero."""

    def fill(model, values, keep=()):
        for layer in _leaves(model):
            given = values.get(layer.name, 0.0)
            arrays = layer.get_weights()
            each = given if isinstance(given, tuple) else (given,) * len(arrays)
            if arrays and layer.name not in keep:
                layer.set_weights(
                    [np.broadcast_to(v, a.shape) for v, a in zip(each, arrays, strict=True)]
                )
        return model

    return fill


def _leaves(model):
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _leaves(layer)
        else:
            yield layer


@pytest.fixture(scope="session")
def receptive_field():
    """`receptive_field(model, tap, stride, width)`: columns of the picture that one output sees.

    With positive kernels and no biases an output is above zero where it sees the one bright pixel.
    An output of a grid of `stride` sees r columns, so `stride` neighbouring bright pixels are seen
    r times in all.
    """

    def measure(model, tap, stride, width, height=16):
        import keras

        for layer in _leaves(model):
            layer.set_weights(
                [
                    np.full(w.shape, 1 / max(1, np.prod(w.shape[:-1])) if w.ndim > 1 else 0.0)
                    for w in layer.get_weights()
                ]
            )
        pictures = np.zeros((stride, height, width, 3), np.float32)
        for k in range(stride):
            pictures[k, height // 2, width // 2 + k] = 1e6
        found = np.asarray(keras.Model(model.input, tap)(pictures, training=False))
        return int((found > 0).any(axis=(1, 3)).sum())

    return measure
