"""Maxout: the largest of a group of channels (Goodfellow et al., ICML 2013)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class Maxout(keras.layers.Layer):
    """Maximum over groups of k = channels / num_units channels.

    `adjacent` groups k neighbours (Lasagne's FeaturePoolLayer, JuntingNet); `strided` puts j,
    j + num_units, j + 2 num_units, ... into unit j (TensorFlow Addons).
    Example: [1, 5, 2, 3] with two units is [5, 3] adjacent and [2, 5] strided.

    Args:
        num_units: channels of the output; must divide those of the input.
        axis: the axis of the channels, not the batch axis 0.
        pairing: `"adjacent"` or `"strided"`.

    Shapes:
        Any, with `num_units` in place of the channels in the output.

    Raises:
        ValueError: unknown pairing, num_units below 1, channels unknown or not divisible.
    """

    def __init__(self, num_units: int, axis: int = -1, pairing: str = "adjacent", **kwargs: Any):
        super().__init__(**kwargs)
        if num_units < 1:
            raise ValueError(f"num_units must be at least 1; found {num_units}. Give the channels.")
        if axis == 0:
            raise ValueError("axis must not be the batch axis; found 0. Give -1 for the last axis.")
        if pairing not in ("adjacent", "strided"):
            raise ValueError(
                f"pairing must be 'adjacent' (Lasagne) or 'strided' (TensorFlow Addons); "
                f"found {pairing!r}. Choose one."
            )
        self.num_units = num_units
        self.axis = axis
        self.pairing = pairing

    def build(self, input_shape: Any) -> None:
        channels = input_shape[self.axis]
        if channels is None or channels % self.num_units:
            raise ValueError(
                f"the channels (axis {self.axis}) must be known and divisible by num_units = "
                f"{self.num_units}; found {channels} in the shape {tuple(input_shape)}. "
                "Change num_units or the layer before."
            )

    def call(self, inputs: Any) -> Any:
        shape = list(ops.shape(inputs))
        axis = self.axis % len(shape)
        group = shape[axis] // self.num_units
        adjacent = self.pairing == "adjacent"
        shape[axis : axis + 1] = (self.num_units, group) if adjacent else (group, self.num_units)
        return ops.max(ops.reshape(inputs, shape), axis=axis + 1 if adjacent else axis)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        shape = list(input_shape)
        shape[self.axis] = self.num_units
        return tuple(shape)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "num_units": self.num_units,
            "axis": self.axis,
            "pairing": self.pairing,
        }
