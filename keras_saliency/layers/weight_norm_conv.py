"""Weight-normalised convolution of SalGAN's discriminator (Pan et al., 2017; released code)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_saliency.ops.pair import pair


@keras.saving.register_keras_serializable(package="keras_saliency")
class WeightNormConv2D(keras.layers.Layer):
    """Convolution with the kernel W / sqrt(1e-6 + sum of W^2 over all but the filters).

    Weight normalisation (Salimans and Kingma, 2016) whose gain is fixed to one, as in the released
    discriminator: the scale of a filter is not learned, its bias is. The norm is float32.

    Example: the 1x1 kernel (3, 4) of one filter on an input (1, 1) gives 7/5 = 1.4; (30, 40) too.

    Args:
        filters: channels of the output.
        kernel_size: a number or (rows, columns).
        activation: applied to the sum.
        use_bias: whether a bias is there.
        kernel_initializer: of W.
        bias_initializer: of the bias.

    Shapes:
        (batch, rows, columns, channels) to (batch, rows, columns, filters).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = pair(kernel_size)
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*self.kernel_size, input_shape[-1], self.filters),
            initializer=self.kernel_initializer,
            autocast=False,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.filters,), initializer=self.bias_initializer
            )

    def call(self, inputs: Any) -> Any:
        kernel = self.kernel.value
        norm = ops.sqrt(1e-6 + ops.sum(ops.square(kernel), axis=(0, 1, 2)))
        outputs = ops.conv(
            inputs,
            ops.cast(kernel / norm, inputs.dtype),
            padding="same",
            data_format="channels_last",
        )
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape[:3], self.filters)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
        }
