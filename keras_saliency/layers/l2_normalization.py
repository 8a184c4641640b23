"""A whole stack of features divided by its length, times one learned number (DSCLRCN, SSD)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class L2Normalization(keras.layers.Layer):
    """scale x / sqrt(sum of x^2 + epsilon), the sum over everything of an image.

    Features of different layers get one size before they stand side by side. Computed in float32.
    Source: `Normalize` of nian-liu/DSCLRCN, across the spatial axes and with a shared scale.

    Example: [3, 4] with the scale 10 becomes [6, 8].

    Args:
        scale: what the learned number starts at.
        epsilon: added to the sum.

    Shapes:
        (batch, ...) to the same.
    """

    def __init__(self, scale: float = 1.0, epsilon: float = 1e-6, **kwargs: Any):
        super().__init__(**kwargs)
        self.scale = scale
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        self.gamma = self.add_weight(
            name="gamma",
            shape=(),
            initializer=keras.initializers.Constant(self.scale),
            autocast=False,
        )

    def call(self, inputs: Any) -> Any:
        wide = keras.backend.result_type(inputs.dtype, "float32")
        values = ops.cast(inputs, wide)
        axes = tuple(range(1, len(values.shape)))
        total = ops.sum(ops.square(values), axis=axes, keepdims=True)
        return ops.cast(values * ops.rsqrt(total + self.epsilon) * self.gamma, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape)

    def get_config(self) -> dict:
        return {**super().get_config(), "scale": self.scale, "epsilon": self.epsilon}
