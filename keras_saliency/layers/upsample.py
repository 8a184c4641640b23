"""Resizing layers for maps of unknown size, in every alignment of `keras_saliency.ops.resize`."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_saliency.ops.pair import whole_pair
from keras_saliency.ops.resize import check_alignment, resize

SHRINKING = "Give (rows, columns); to shrink, name the size with ResizeTo."


@keras.saving.register_keras_serializable(package="keras_saliency")
class BilinearUpsampling2D(keras.layers.Layer):
    """Make rows and columns `factor` times as many.

    Example: [0, 1] by 4 in the alignment `theano` is 0 0 .25 .5 .75 1 1 1.

    Args:
        factor: whole number, or (rows, columns).
        alignment: `half_pixel` (Keras, torch), `asymmetric` (MSI-Net), `align_corners` (ML-Net in
            torch), `theano` (ML-Net, SAM) or `nearest`; see `keras_saliency.ops.resize`.

    Shapes:
        (batch, rows, columns, channels) to (batch, factor rows, factor columns, channels).

    Raises:
        ValueError: factor below 1 or not whole, unknown alignment.
    """

    def __init__(
        self, factor: int | tuple[int, int] = 2, alignment: str = "half_pixel", **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.factor = whole_pair("factor", factor, fix=SHRINKING)
        self.alignment = check_alignment(alignment)

    def call(self, inputs: Any) -> Any:
        rows, columns = ops.shape(inputs)[1:3]
        return resize(inputs, (rows * self.factor[0], columns * self.factor[1]), self.alignment)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        sides = (
            None if n is None else n * f for n, f in zip(input_shape[1:3], self.factor, strict=True)
        )
        return (input_shape[0], *sides, input_shape[3])

    def get_config(self) -> dict:
        return {**super().get_config(), "factor": self.factor, "alignment": self.alignment}


@keras.saving.register_keras_serializable(package="keras_saliency")
class ResizeTo(keras.layers.Layer):
    """Resize to a given number of rows and columns.

    Example: [0, 1, 3] to 6 in the alignment `align_corners` is 0 .4 .8 1.4 2.2 3.

    Args:
        size: (rows, columns).
        alignment: see `BilinearUpsampling2D`.

    Shapes:
        (batch, rows, columns, channels) to (batch, *size, channels).

    Raises:
        ValueError: a size below 1, unknown alignment.
    """

    def __init__(self, size: tuple[int, int], alignment: str = "half_pixel", **kwargs: Any):
        super().__init__(**kwargs)
        self.size = whole_pair("size", size, fix=SHRINKING)
        self.alignment = check_alignment(alignment)

    def call(self, inputs: Any) -> Any:
        return resize(inputs, self.size, self.alignment)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (input_shape[0], *self.size, input_shape[3])

    def get_config(self) -> dict:
        return {**super().get_config(), "size": self.size, "alignment": self.alignment}


@keras.saving.register_keras_serializable(package="keras_saliency")
class ResizeLike(keras.layers.Layer):
    """Resize the first input to the rows and columns of the second: `ResizeLike()(x, like)`.

    Example: [0, 1, 3] like anything of 6 pixels is, in the alignment `asymmetric`, 0 .5 1 2 3 3.

    Args:
        alignment: see `BilinearUpsampling2D`.

    Shapes:
        (batch, rows, columns, channels) and (any, rows', columns', any) to
        (batch, rows', columns', channels).

    Raises:
        ValueError: unknown alignment.
    """

    def __init__(self, alignment: str = "half_pixel", **kwargs: Any):
        super().__init__(**kwargs)
        self.alignment = check_alignment(alignment)

    def build(self, inputs_shape: Any, like_shape: Any) -> None:
        pass  # two inputs: says that nothing depends on them

    def call(self, inputs: Any, like: Any) -> Any:
        return resize(inputs, ops.shape(like)[1:3], self.alignment)

    def compute_output_shape(self, inputs_shape: Any, like_shape: Any) -> tuple:
        return (inputs_shape[0], *like_shape[1:3], inputs_shape[3])

    def get_config(self) -> dict:
        return {**super().get_config(), "alignment": self.alignment}
