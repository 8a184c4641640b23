"""`CentreWeight`: a learned map that multiplies, whatever the size (Oyama and Yamanaka)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_saliency.ops.resize import check_alignment, resize


@keras.saving.register_keras_serializable(package="keras_saliency")
class CentreWeight(keras.layers.Layer):
    """`relu(x * w / mean(w))`, w a small learned map scaled to x's rows and columns.

    The optional last layer of DenseSal and DPNSal (code of Oyama and Yamanaka, 2018): 20x20 ones to
    begin with, so that at first the map only loses what is below 0.

    Example: w = [[1, 3]] on ones 1x2 gives 0.5 and 1.5.

    Args:
        size: (rows, columns) of the learned map, or one number for both.
        alignment: see `keras_saliency.ops.resize`.

    Shapes:
        (batch, rows, columns, channels) to the same.

    Raises:
        ValueError: a size below 1, or an unknown alignment.
    """

    def __init__(
        self,
        size: int | tuple[int, int] = 20,
        alignment: str = "half_pixel",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.size = (size, size) if isinstance(size, int) else tuple(size)
        if len(self.size) != 2 or min(self.size) < 1:
            raise ValueError(f"size must be (rows, columns) of 1 or more; found {size!r}.")
        self.alignment = check_alignment(alignment)

    def build(self, input_shape: Any) -> None:
        self.weight = self.add_weight(
            name="weight", shape=(1, *self.size, 1), initializer="ones", autocast=False
        )

    def call(self, inputs: Any) -> Any:
        spread = resize(self.weight, ops.shape(inputs)[1:3], self.alignment)
        share = spread / ops.mean(spread)
        return ops.relu(inputs * ops.cast(share, inputs.dtype))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {"size": list(self.size), "alignment": self.alignment}
        return {**super().get_config(), **own}
