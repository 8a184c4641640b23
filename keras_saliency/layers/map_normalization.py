"""Normalisation of a whole stack of maps by one mean and one variance: DeepGaze's LayerNorm."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class MapNormalization(keras.layers.Layer):
    """gamma (x - mean)/sqrt(variance + epsilon) + beta.

    Mean and (biased) variance are those of all rows, columns and channels of an image together;
    gamma and beta are one number a channel. So every output depends on every pixel: a picture
    predicted in tiles gives another map. Keras' `LayerNormalization` over the same axes has a gamma
    for each pixel. Computed in float32. Source: `layers.py` of matthias-k/DeepGaze.

    Example: [[1, 2], [3, 4]] in one channel becomes [[-1.342, -.447], [.447, 1.342]].

    Args:
        epsilon: added to the variance.

    Shapes:
        (batch, rows, columns, channels) to the same.
    """

    def __init__(self, epsilon: float = 1e-12, **kwargs: Any):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        channels = (input_shape[-1],)
        self.gamma = self.add_weight(
            name="gamma", shape=channels, initializer="ones", autocast=False
        )
        self.beta = self.add_weight(
            name="beta", shape=channels, initializer="zeros", autocast=False
        )

    def call(self, inputs: Any) -> Any:
        wide = keras.backend.result_type(inputs.dtype, "float32")
        values = ops.cast(inputs, wide)
        centred = values - ops.mean(values, axis=(1, 2, 3), keepdims=True)
        variance = ops.mean(ops.square(centred), axis=(1, 2, 3), keepdims=True)
        result = centred * ops.rsqrt(variance + self.epsilon) * self.gamma + self.beta
        return ops.cast(result, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape)

    def get_config(self) -> dict:
        return {**super().get_config(), "epsilon": self.epsilon}
