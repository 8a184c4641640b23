"""Networks of the registry at their smallest, and weights set to given values."""

import gc

import numpy as np
import pytest

# the smallest sizes that the networks take; others take 16x16
SMALLEST = {
    **dict.fromkeys(("deepgaze1", "deepgaze1_torch", "deepgaze2", "deepgaze2e"), (64, 64)),
    **dict.fromkeys(("deepgaze3", "icf", "icf_color"), (64, 64)),
    "densesal": (64, 64),
    "dpnsal": (64, 64),
    "eml_net": (32, 32),
    "eml_net_resnet50": (32, 32),
    "eml_net_resnet50_combined": (32, 32),
    "fucos": (32, 32),
    "inpainting_deeplab_v2": (32, 32),
    "inpainting_nasnet": (32, 32),
    "inpainting_resnet101": (32, 32),
    "juntingnet": (96, 96),
    "juntingnet_paper": (96, 96),
    "ml_net": (80, 80),
    "ml_net_report": (80, 80),
    "ml_net_report_no_prior": (80, 80),
    "mr_cnn": (42, 42),
    "pconv_unet": (128, 128),
    "pdp": (32, 32),
    "salicon": (32, 32),
    "saliency_lite": (64, 64),
}


@pytest.fixture(autouse=True)
def _free_networks():
    """Networks are cycles of objects: without this hundreds of megabytes each stay for long."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def smallest():
    """`smallest(name)`: the smallest (height, width) that a network of the registry takes."""
    return lambda name: SMALLEST.get(name, (16, 16))


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
