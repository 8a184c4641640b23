"""`MinMax`: each map of a batch scaled to 0..1 inside the network."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class MinMax(keras.layers.Layer):
    """`(x - min) / (epsilon + max(x - min))`, over height, width and channels of each image.

    MSI-Net's last step (alexanderkroner/saliency). Computed in float32 at least, because half
    precision would round maxima to 1.

    Args:
        epsilon: added to the range, > 0: a constant map becomes 0.
    """

    def __init__(self, epsilon: float = 1e-7, **kwargs: Any):
        super().__init__(**kwargs)
        if not epsilon > 0:
            raise ValueError(f"epsilon must be above 0, got {epsilon}")
        self.epsilon = float(epsilon)

    def call(self, inputs: Any) -> Any:
        """`inputs`: (b, h, w, c)."""
        half = keras.backend.standardize_dtype(inputs.dtype) in ("float16", "bfloat16")
        x = ops.cast(inputs, "float32") if half else inputs
        x = x - ops.min(x, axis=(1, 2, 3), keepdims=True)
        x = x / (self.epsilon + ops.max(x, axis=(1, 2, 3), keepdims=True))
        return ops.cast(x, inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """As the input's."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "epsilon": self.epsilon}


@keras.saving.register_keras_serializable(package="keras_saliency")
class SubtractMinimum(keras.layers.Layer):
    """`x - min(min(x), 0)` of each image: a map with negative values is lifted until it has none.

    Oyama and Yamanaka's code takes the minimum of the whole batch where the first image has
    negative values; per image, as here, a picture's map does not depend on its neighbours (our
    choice).
    """

    def call(self, inputs: Any) -> Any:
        """`inputs`: (b, h, w, c)."""
        return inputs - ops.minimum(ops.min(inputs, axis=(1, 2, 3), keepdims=True), 0)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """As the input's."""
        return input_shape
