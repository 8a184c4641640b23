"""Spatial pyramid pooling (He et al., ECCV 2014): a fixed number of means from any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class SpatialPyramidPooling2D(keras.layers.Layer):
    """Means over the cells of several grids, one grid after the other, cells row by row.

    For a grid of n x m cells the image is cropped at the bottom and right to multiples of n and m,
    as in TensorFlow Addons. (`keras.layers.AdaptiveAveragePooling2D` lets cells overlap instead.)
    Computed in float32.

    Example: [[0, 2, 9], [4, 6, 9]] with bins [1, 2] gives 5 (all six), then 0, 2, 4, 6.

    Args:
        bins: grids, each a number or (rows, columns).

    Shapes:
        (batch, rows, columns, channels) to (batch, cells of all grids, channels).

    Raises:
        ValueError: no grid, a grid below one cell, or more cells than pixels.
    """

    def __init__(self, bins: Sequence[int | Sequence[int]], **kwargs: Any):
        super().__init__(**kwargs)
        grids = [(b, b) if isinstance(b, int) else tuple(b) for b in bins]
        if not grids or any(side < 1 for grid in grids for side in grid):
            raise ValueError(
                f"bins must name grids of at least one cell; found {bins!r}. Give [1, 2, 4]."
            )
        self.bins = grids

    def call(self, inputs: Any) -> Any:
        b, h, w, c = ops.shape(inputs)
        values = ops.cast(inputs, "float32")
        means = []
        for n, m in self.bins:
            if (isinstance(h, int) and h < n) or (isinstance(w, int) and w < m):
                raise ValueError(
                    f"a grid must not have more cells than the image has pixels; found {n} x {m} "
                    f"cells for {h} x {w} pixels. Use fewer bins or larger images."
                )
            rows, columns = h // n, w // m
            cells = values[:, : n * rows, : m * columns]
            cells = ops.reshape(cells, (b, n, rows, m, columns, c))
            means.append(ops.reshape(ops.mean(cells, axis=(2, 4)), (b, n * m, c)))
        return ops.cast(ops.concatenate(means, axis=1), inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (input_shape[0], sum(n * m for n, m in self.bins), input_shape[-1])

    def get_config(self) -> dict:
        return {**super().get_config(), "bins": self.bins}
