"""Random weights that keep activations alive, and files in the layout of `keras.applications`."""

import h5py
import numpy as np
import pytest


def fill(model, seed=0):
    """Random weights, reproducible by layer name."""
    for layer in model.layers:
        if not layer.weights:
            continue
        rng = np.random.default_rng([seed, *layer.name.encode()])
        values = []
        for weight in layer.get_weights():
            depthwise = "depthwise" in type(layer).__name__.lower()
            fan = max(1, int(np.prod(weight.shape[: 2 if depthwise else -1])))
            values.append(
                rng.normal(0, np.sqrt(2 / fan), weight.shape)
                if weight.ndim > 1
                else rng.uniform(0.5, 1.5, weight.shape)
            )
        layer.set_weights(values)
    return model


def write_h5(model, path, drop=()):
    """The older Keras layout: attributes layer_names and weight_names."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            kept = [] if layer.name in drop else layer.weights
            names = [f"{layer.name}/{weight.name}:0" for weight in kept]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, layer.get_weights(), strict=False):
                if kept:
                    group[name] = weight
    return path


@pytest.fixture
def filled():
    return fill


@pytest.fixture
def h5_file():
    return write_h5


class Photographs:
    """Real pictures, for trunks with trained weights."""

    def __init__(self, folder, count=16):
        from PIL import Image

        paths = sorted(folder.iterdir())[:count]
        self.pixels = np.stack(
            [np.asarray(Image.open(p).convert("RGB").resize((224, 224)), np.float32) for p in paths]
        )

    def deviations(self, picture, trunk):
        """By normalisation layer: how far the means of its input lie from the stored means.

        In stored standard deviations, root mean square over channels.
        """
        import keras

        layers = {layer.name: layer for layer in trunk.layers if layer.name.endswith("_bn")}
        before = keras.Model(picture, {name: layer.input for name, layer in layers.items()})
        found = before(trunk.backbone.colours(self.pixels), training=False)
        return {
            name: _rms(
                (np.mean(found[name], axis=(0, 1, 2)) - np.asarray(layer.moving_mean))
                / np.sqrt(np.asarray(layer.moving_variance) + layer.epsilon)
            )
            for name, layer in layers.items()
        }


def _rms(values):
    return float(np.sqrt(np.mean(np.square(values))))


@pytest.fixture(scope="session")
def photographs(shared):
    return Photographs(shared / "data/mit1003_100/ALLSTIMULI")
