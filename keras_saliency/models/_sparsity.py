"""DeepGaze I's sparsity term: how many of the readout's weights share its length."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class RelativeL1(keras.regularizers.Regularizer):
    """factor * |w|_1 / |w|_2, the least for one weight alone, whatever its size.

    Example: w = (3, 4) and factor 0.1 give 0.1 * 7/5 = 0.14.

    Args:
        factor: weight of the term.
    """

    def __init__(self, factor: float):
        self.factor = float(factor)

    def __call__(self, weights: Any) -> Any:
        """The term of one array, a scalar; 0 where all weights are 0."""
        squares = ops.sum(ops.square(weights))
        length = ops.sqrt(ops.where(squares > 0, squares, 1.0))
        return self.factor * ops.sum(ops.abs(weights)) / length

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {"factor": self.factor}
