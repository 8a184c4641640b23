"""From scores to a log density: the weighted centre bias, normalisation, and mixtures."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class AddCentreBias(keras.layers.Layer):
    """`[x, log centre bias]` -> x + weight * log centre bias, the weight learned from 1.

    Args:
        trainable_weight: whether the weight is learned (DeepGaze II's paper: 1 for ever).

    Shapes:
        twice (batch, rows, columns, 1) to the same; summed in float32 or wider.
    """

    def __init__(self, trainable_weight: bool = True, **kwargs: Any):
        super().__init__(**kwargs)
        self.trainable_weight = trainable_weight

    def build(self, input_shape: Any) -> None:
        self.strength = self.add_weight(
            name="weight",
            shape=(),
            initializer="ones",
            trainable=self.trainable_weight,
            autocast=False,
        )

    def call(self, inputs: Any) -> Any:
        x, prior = (ops.cast(part, _wide(part)) for part in inputs)
        result = x + ops.cast(self.strength.value, x.dtype) * prior
        return ops.cast(result, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape[0])

    def get_config(self) -> dict:
        return {**super().get_config(), "trainable_weight": self.trainable_weight}


@keras.saving.register_keras_serializable(package="keras_saliency")
class LogDensity(keras.layers.Layer):
    """x - logsumexp(x) over rows and columns: the exponentials of an image's map sum to one.

    Example: [[0, 0], [0, ln 5]] becomes [[ln 1/8, ln 1/8], [ln 1/8, ln 5/8]].

    Shapes:
        (batch, rows, columns, 1) to the same, natural logarithms, computed in
        float32 or wider.
    """

    def call(self, inputs: Any) -> Any:
        x = ops.cast(inputs, _wide(inputs))
        return ops.cast(x - ops.logsumexp(x, axis=(1, 2), keepdims=True), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape)


@keras.saving.register_keras_serializable(package="keras_saliency")
class DensityMixture(keras.layers.Layer):
    """Log of the mean of densities, from their logs, all of one weight.

    The mean of logs would sharpen and lose the calibration; densities are mixed.

    Example: ln [.2, .8] and ln [.6, .4] give ln [.4, .6].

    Shapes:
        a list of (batch, rows, columns, 1) to one such.
    """

    def call(self, inputs: Any) -> Any:
        together = ops.stack([ops.cast(part, _wide(part)) for part in inputs])
        mean = ops.logsumexp(together, axis=0) - math.log(len(inputs))
        return ops.cast(mean, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape[0])


def _wide(x: Any) -> str:
    return keras.backend.result_type(x.dtype, "float32")
