"""Location-biased convolution of DeepFix (Kruthiventi et al., IEEE TIP 2017; arXiv 1510.02927)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_saliency.ops.convolve import convolve
from keras_saliency.ops.pair import pair

_SPREADS = (0.1, 0.2, 0.3, 0.4)  # our choice: the paper gives no numbers


@keras.saving.register_keras_serializable(package="keras_saliency")
class LocationBiasedConv2D(keras.layers.Layer):
    """y = activation(W * x + W' * L + b) with sixteen fixed maps L of centred Gaussians.

    The same as a convolution of x and L joined, but L is convolved once for the whole batch. Map
    4 r + q has sigma_y = spread r of the height and sigma_x = spread q of the width, where the
    spreads are .1, .2, .3, .4 (our choice), peak 1, on pixel centres (i + .5)/N - .5. The maps
    follow the size of the input and are not stored.

    Example: a 1x1 kernel on x = 0 with W' = 2 for one map, where that map is .5, b = -.25: y = .75.

    Args:
        filters: channels of the output.
        kernel_size: of W and W', a number or (rows, columns).
        dilation_rate: of both, likewise (DeepFix: kernel 5, dilation 6).
        activation: applied to the sum.
        use_bias: whether b is there.
        kernel_initializer: of W and W'.
        bias_initializer: of b.

    Shapes:
        (batch, rows, columns, channels) to (batch, rows, columns, filters).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        dilation_rate: int | tuple[int, int] = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = pair(kernel_size)
        self.dilation_rate = pair(dilation_rate)
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)

    def build(self, input_shape: Any) -> None:
        maps = len(_SPREADS) ** 2
        joined = (*self.kernel_size, input_shape[-1] + maps, self.filters)
        self.kernel = self.add_weight(
            name="kernel", shape=joined, initializer=self.kernel_initializer
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.filters,), initializer=self.bias_initializer
            )

    def call(self, inputs: Any) -> Any:
        channels = inputs.shape[-1]
        kernel = ops.convert_to_tensor(self.kernel)
        maps = ops.cast(_blobs(*ops.shape(inputs)[1:3]), inputs.dtype)
        outputs = self._convolve(inputs, kernel[:, :, :channels])
        outputs = outputs + self._convolve(maps, kernel[:, :, channels:])
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)

    def _convolve(self, values: Any, kernel: Any) -> Any:
        return convolve(values, kernel, padding="same", dilation_rate=self.dilation_rate)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape[:3], self.filters)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "dilation_rate": self.dilation_rate,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
        }


def _blobs(rows: Any, columns: Any) -> Any:
    """The maps, (1, rows, columns, 16) in float32."""
    down, across = (
        ops.exp(
            -0.5 * ops.square(_centred(n)[:, None] / ops.convert_to_tensor(_SPREADS, "float32"))
        )
        for n in (rows, columns)
    )
    maps = down[:, None, :, None] * across[None, :, None, :]
    return ops.reshape(maps, (1, rows, columns, len(_SPREADS) ** 2))


def _centred(n: Any) -> Any:
    places = ops.cast(ops.arange(n, dtype="int32"), "float32")
    return (places + 0.5) / ops.cast(n, "float32") - 0.5
