"""Layers that bring one tensor to the height and width of another: crop, or spread one cell."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class CropLike(keras.layers.Layer):
    """Cut the window of a second tensor's size out of the first.

    `[x, like] -> x[:, offset : offset + height, offset : offset + width]` with the sides of `like`;
    HED's and DVA's crop layer, whose offset follows from the layers before it.

    Args:
        offset: first row and column of the window, 0 or more.

    Raises:
        ValueError: a negative offset, or on a call with known sides a window that does not fit.
    """

    def __init__(self, offset: int, **kwargs: Any):
        super().__init__(**kwargs)
        if offset < 0:
            raise ValueError(f"offset must be 0 or more, got {offset}")
        self.offset = int(offset)

    def build(self, input_shape: Any) -> None:
        """No weights; a window that does not fit is refused here, where sides are known."""
        for have, want in zip(input_shape[0][1:3], input_shape[1][1:3], strict=True):
            if have is not None and want is not None and self.offset + want > have:
                raise ValueError(f"a window of {want} at {self.offset} does not fit into {have}")

    def call(self, inputs: Any) -> Any:
        """`inputs`: [x (b, h, w, c), like (b, height, width, any)]."""
        x, like = inputs
        height, width = ops.shape(like)[1:3]
        rows = ops.arange(height) + self.offset
        columns = ops.arange(width) + self.offset
        if isinstance(height, int) and isinstance(width, int):
            start = self.offset
            return x[:, start : start + height, start : start + width]
        return ops.take(ops.take(x, rows, axis=1), columns, axis=2)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """(batch, height, width) of the second, channels of the first."""
        x, like = input_shape
        return (x[0], like[1], like[2], x[3])

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "offset": self.offset}


@keras.saving.register_keras_serializable(package="keras_saliency")
class BroadcastLike(keras.layers.Layer):
    """Spread a single cell over the height and width of a second tensor.

    `[x (b, 1, 1, c), like (b, h, w, any)] -> (b, h, w, c)`: the image-level branch of an atrous
    pyramid.
    """

    def call(self, inputs: Any) -> Any:
        """`inputs`: [x, like]."""
        x, like = inputs
        height, width = ops.shape(like)[1:3]
        return ops.broadcast_to(x, (ops.shape(x)[0], height, width, x.shape[-1]))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """(batch, height, width) of the second, channels of the first."""
        x, like = input_shape
        return (x[0], like[1], like[2], x[3])
