"""What DeepGaze III knows of earlier fixations: where every pixel lies from them, encoded."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_saliency.ops.resize import resize


@keras.saving.register_keras_serializable(package="keras_saliency")
class ScanpathFeatures(keras.layers.Layer):
    """`[history, picture, grid]` -> for each earlier fixation dx, dy and distance in pixels.

    Columns and rows of the picture are counted from 0 and picked for the grid's cells by nearest
    sampling. The channels are all dx, then all dy, then all distances; they are 0 for a fixation
    that does not exist, so that no gradient becomes NaN.

    Shapes:
        history (batch, fixations, 2): x and y in pixels of the picture, the latest first, NaN
        where there was none; picture (batch, height, width, any); grid (batch, rows, columns, any).
        Result (batch, rows, columns, 3 * fixations).
    """

    def call(self, inputs: Any) -> Any:
        history, picture, grid = inputs
        history = ops.cast(history, "float32")
        history = ops.where(ops.isnan(history), -1e9, history)
        sizes = zip(ops.shape(picture)[1:3], ops.shape(grid)[1:3], strict=True)
        rows, columns = (_places(n, m) for n, m in sizes)
        missing = history[:, None, None, :, 0] < -1e8
        dx = ops.where(missing, 0.0, columns[None, None, :, None] - history[:, None, None, :, 0])
        dy = ops.where(missing, 0.0, rows[None, :, None, None] - history[:, None, None, :, 1])
        size = ops.shape(grid)[1:3]
        shape = (ops.shape(history)[0], size[0], size[1], history.shape[1])
        dx, dy = ops.broadcast_to(dx, shape), ops.broadcast_to(dy, shape)
        distance = ops.sqrt(ops.square(dx) + ops.square(dy))
        return ops.cast(ops.concatenate([dx, dy, distance], axis=-1), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        history, _, grid = input_shape
        return (*grid[:3], 3 * history[1])


@keras.saving.register_keras_serializable(package="keras_saliency")
class ScanpathEncoding(keras.layers.Layer):
    """`[features, history]` -> sum over existing fixations of W_i (dx_i, dy_i, d_i) + b_i.

    A fixation that does not exist gives neither weight nor bias; without any the result is 0 (our
    choice: the original has none).

    Args:
        filters: channels of the result.

    Shapes:
        features of `ScanpathFeatures`, history (batch, fixations, 2) with NaN; to
        (batch, rows, columns, filters).
    """

    def __init__(self, filters: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.filters = filters

    def build(self, input_shape: Any) -> None:
        fixations = input_shape[1][1]
        self.kernel = self.add_weight(
            name="kernel",
            shape=(fixations, 3, self.filters),
            initializer=keras.initializers.VarianceScaling(1.0, "fan_in", "uniform"),
        )
        self.bias = self.add_weight(
            name="bias", shape=(fixations, self.filters), initializer="zeros"
        )

    def call(self, inputs: Any) -> Any:
        features, history = inputs
        dtype = self.compute_dtype
        exists = ops.cast(ops.logical_not(ops.isnan(history[..., 0])), dtype)
        shape = ops.shape(features)
        three = ops.reshape(features, (*shape[:3], 3, -1))
        parts = ops.einsum("bhwcn,bn,ncf->bhwf", ops.cast(three, dtype), exists, self.kernel)
        return parts + ops.matmul(exists, self.bias)[:, None, None, :]

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape[0][:3], self.filters)

    def get_config(self) -> dict:
        return {**super().get_config(), "filters": self.filters}


def _places(n: Any, m: Any) -> Any:
    """Pixels 0 .. n-1 that nearest sampling picks for m cells."""
    line = ops.reshape(ops.arange(n, dtype="float32"), (1, 1, -1, 1))
    return ops.reshape(resize(line, (1, m), "nearest"), (-1,))
