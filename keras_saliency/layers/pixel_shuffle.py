"""Pixel shuffle in torch's order of channels (Shi et al., CVPR 2016)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class PixelShuffle(keras.layers.Layer):
    """Channel c r^2 + dy r + dx of (y, x) becomes channel c of (y r + dy, x r + dx).

    That is torch's order. TensorFlow's `depth_to_space` reads the channels as (dy, dx, c) instead.
    Example: one pixel with the channels 0 ... 7 and factor 2 becomes [[0, 1], [2, 3]] in channel 0
    and [[4, 5], [6, 7]] in channel 1.

    Args:
        factor: r.

    Shapes:
        (batch, rows, columns, channels r^2) to (batch, rows r, columns r, channels).

    Raises:
        ValueError: factor below 1, channels unknown or not divisible by its square.
    """

    def __init__(self, factor: int = 2, **kwargs: Any):
        super().__init__(**kwargs)
        if factor < 1:
            raise ValueError(f"factor must be at least 1; found {factor}. Give the upsampling.")
        self.factor = factor

    def build(self, input_shape: Any) -> None:
        channels = input_shape[-1]
        if channels is None or channels % self.factor**2:
            raise ValueError(
                f"the channels must be known and divisible by factor^2 = {self.factor**2}; found "
                f"{channels} in the shape {tuple(input_shape)}. Change the layer before."
            )

    def call(self, inputs: Any) -> Any:
        r = self.factor
        batch, rows, columns, channels = ops.shape(inputs)
        blocks = ops.reshape(inputs, (batch, rows, columns, channels // r**2, r, r))
        blocks = ops.transpose(blocks, (0, 1, 4, 2, 5, 3))
        return ops.reshape(blocks, (batch, rows * r, columns * r, channels // r**2))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        sides = (None if n is None else n * self.factor for n in input_shape[1:3])
        return (input_shape[0], *sides, input_shape[3] // self.factor**2)

    def get_config(self) -> dict:
        return {**super().get_config(), "factor": self.factor}
