"""Nearest sampling onto coarser grids, as torch's `interpolate` without a mode picks pixels."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from keras_saliency.ops.resize import resize


@keras.saving.register_keras_serializable(package="keras_saliency")
class Subsample(keras.layers.Layer):
    """Every factor-th pixel: output o is input floor(o factor), floor(n/factor) of them.

    Nothing is smoothed. A side shorter than the factor keeps its first pixel.

    Example: factor 2 keeps columns 0, 2, 4 of 7; factor 1.5 columns 0, 1, 3, 4.

    Args:
        factor: 1 or more.

    Shapes:
        (batch, rows, columns, channels) to (batch, rows // factor, columns // factor, channels).
    """

    def __init__(self, factor: float, **kwargs: Any):
        super().__init__(**kwargs)
        if factor < 1:
            raise ValueError(f"factor must be 1 or more; found {factor}. Give 2 for half the size.")
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        if self.factor == 1:
            return inputs
        for axis in (1, 2):
            kept = _floored(ops.shape(inputs)[axis], self.factor)
            place = ops.floor(ops.arange(kept, dtype="float32") * self.factor)
            inputs = ops.take(inputs, ops.cast(place, "int32"), axis=axis)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> tuple:
        batch, *sides, channels = input_shape
        return (batch, *(None if n is None else _floored(n, self.factor) for n in sides), channels)

    def get_config(self) -> dict:
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable(package="keras_saliency")
class ResizeToGrid(keras.layers.Layer):
    """`[x, picture]` -> x by nearest sampling on a grid of ceil(picture's side / factor).

    The grid of DeepGaze's readout: features of any stride meet there.

    Example: x of 5x7 with a picture of 37x50 and factor 8 comes out at 5x7, with 4 at 10x13.

    Args:
        factor: pixels of the picture for a cell of the grid, 1 or more.

    Shapes:
        (batch, rows, columns, channels) and (batch, height, width, any) to
        (batch, ceil(height / factor), ceil(width / factor), channels).
    """

    def __init__(self, factor: float, **kwargs: Any):
        super().__init__(**kwargs)
        if factor < 1:
            raise ValueError(f"factor must be 1 or more; found {factor}. Give the grid's stride.")
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        x, picture = inputs
        size = tuple(_ceiled(n, self.factor) for n in ops.shape(picture)[1:3])
        return resize(x, size, "nearest")  # type: ignore[arg-type]

    def compute_output_shape(self, input_shape: Any) -> tuple:
        x, picture = input_shape
        sides = (None if n is None else _ceiled(n, self.factor) for n in picture[1:3])
        return (x[0], *sides, x[3])

    def get_config(self) -> dict:
        return {**super().get_config(), "factor": self.factor}


def _floored(n: Any, factor: float) -> Any:
    if isinstance(n, int):
        return max(1, math.floor(n / factor))
    return ops.maximum(1, ops.cast(ops.floor(ops.cast(n, "float32") / factor), "int32"))


def _ceiled(n: Any, factor: float) -> Any:
    if isinstance(n, int):
        return math.ceil(n / factor)
    return ops.cast(ops.ceil(ops.cast(n, "float32") / factor), "int32")
