"""Local response normalisation across channels (Krizhevsky et al., 2012; Caffe's form)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class LocalResponseNormalization(keras.layers.Layer):
    """x / (k + alpha/size * sum of x^2 over `size` neighbouring channels)^beta.

    Channels outside count as zero. alpha is divided by the window, as Caffe and torch do;
    TensorFlow's own function does not divide. Computed in float32.

    Example: five channels of 100: 59.460 in the middle (5 neighbours), 70.293 at either end (3).

    Args:
        size: channels in the window, odd.
        alpha: weight of the mean square.
        beta: exponent.
        k: bias.

    Shapes:
        (..., channels) to the same.

    Raises:
        ValueError: size even or below 1.
    """

    def __init__(
        self,
        size: int = 5,
        alpha: float = 1e-4,
        beta: float = 0.75,
        k: float = 1.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if size < 1 or size % 2 == 0:
            raise ValueError(
                f"size must be odd, so that a channel lies in the middle; found {size}. "
                f"Use {abs(size) + 1}."
            )
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def call(self, inputs: Any) -> Any:
        values = ops.cast(inputs, "float32")
        reach, channels = self.size // 2, values.shape[-1]
        around = [(0, 0)] * (len(values.shape) - 1) + [(reach, reach)]
        squares = ops.pad(ops.square(values), around)
        total = sum(squares[..., j : j + channels] for j in range(self.size))
        scale = ops.power(self.k + self.alpha / self.size * total, -self.beta)
        return ops.cast(values * scale, inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "size": self.size,
            "alpha": self.alpha,
            "beta": self.beta,
            "k": self.k,
        }
