"""Keras' convolution with dilated kernels that do not shuffle pixels."""

from __future__ import annotations

from typing import Any

import keras

from keras_saliency.ops.convolve import convolve


@keras.saving.register_keras_serializable(package="keras_saliency")
class Conv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D`, faster on a processor where `dilation_rate` is above 1.

    Arguments, weights and numbers are Keras'. So is the class's name, because a weights file counts
    layers by it: files of either fit the other.

    Shapes:
        as of `keras.layers.Conv2D`; with channels first it is that layer.
    """

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """The sum over the kernel, before bias and activation."""
        if self.data_format != "channels_last":
            return super().convolution_op(inputs, kernel)
        return convolve(inputs, kernel, self.strides, self.padding, self.dilation_rate)
