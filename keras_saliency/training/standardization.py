"""What a network knows of its training images before it is trained: means and deviations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from benchmark_kit.errors import ConfigError
from keras_saliency.layers.standardize import Standardize


def learn_standardization(model: keras.Model, batches: Iterable[Any]) -> None:
    """Set every `Standardize` layer from the features that training images have there.

    DeepGaze I and II and ICF standardise features before their readouts; without this the layers
    let them through as they are. Call it before `fit`.

    Args:
        model: a functional network.
        batches: what the network takes, batch by batch; gone through once a layer, so a list or a
            data set and no generator.

    Raises:
        ConfigError: the network standardises nothing, or `batches` can be gone through only once.
        ValueError: no batches.
    """
    layers = [layer for layer in model.layers if isinstance(layer, Standardize)]
    if not layers:
        raise ConfigError(f"{model.name} standardises nothing: there is nothing to learn")
    if iter(batches) is batches:
        raise ConfigError(
            "batches are gone through once a layer, and a generator only once. Fix: a list"
        )
    for layer in layers:
        before = keras.Model(model.input, layer.input)
        layer.learn(
            np.asarray(keras.ops.convert_to_numpy(before(batch, training=False)))
            for batch in batches
        )
