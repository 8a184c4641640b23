"""Filter response normalisation (Singh and Krishnan, CVPR 2020).

Instance and group normalisation are Keras' own: `keras.layers.GroupNormalization`, with
`groups=-1` for instances.
"""

# ruff: noqa: D102 (the class docstring speaks for build, call and the rest)
from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class FilterResponseNormalization(keras.layers.Layer):
    """gamma x / sqrt(nu2 + epsilon) + beta, nu2 being the mean of x^2 over rows and columns.

    Neither the batch nor other channels take part, and no mean is subtracted. The thresholded
    activation that the paper puts behind it is not part of it, as in TensorFlow Addons; sizes may
    be unknown, which they could not be there. Computed in float32.

    Example: [[3, 4]] in one channel has nu2 = 12.5 and becomes [[0.8485, 1.1314]].

    Args:
        epsilon: added to nu2, positive.
        beta_initializer: of beta, (channels,).
        gamma_initializer: of gamma, (channels,).

    Shapes:
        (batch, rows, columns, channels) to the same.

    Raises:
        ValueError: epsilon not positive, or an input without four axes.
    """

    def __init__(
        self,
        epsilon: float = 1e-6,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if not epsilon > 0:
            raise ValueError(f"epsilon must be positive; found {epsilon}. Give 1e-6.")
        self.epsilon = epsilon
        self.beta_initializer = keras.initializers.get(beta_initializer)
        self.gamma_initializer = keras.initializers.get(gamma_initializer)

    def build(self, input_shape: Any) -> None:
        if len(input_shape) != 4:
            raise ValueError(
                "the input must have the axes (batch, rows, columns, channels); found the shape "
                f"{tuple(input_shape)}. Add the missing axes."
            )
        self.gamma, self.beta = (
            self.add_weight(
                name=name, shape=(input_shape[-1],), initializer=initializer, autocast=False
            )
            for name, initializer in (
                ("gamma", self.gamma_initializer),
                ("beta", self.beta_initializer),
            )
        )

    def call(self, inputs: Any) -> Any:
        x = ops.cast(inputs, "float32")
        nu2 = ops.mean(ops.square(x), axis=(1, 2), keepdims=True)
        return ops.cast(
            self.gamma.value * x * ops.rsqrt(nu2 + self.epsilon) + self.beta.value, inputs.dtype
        )

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "beta_initializer": keras.initializers.serialize(self.beta_initializer),
            "gamma_initializer": keras.initializers.serialize(self.gamma_initializer),
        }
