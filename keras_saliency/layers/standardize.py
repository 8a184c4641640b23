"""Features less the mean and over the deviation that they had on the training images."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class Standardize(keras.layers.Layer):
    """(x - mean)/deviation channel by channel; both are stored with the model and do not train.

    They start as 0 and 1; `learn` takes them from features of the training images. A channel that
    never changed keeps deviation 1. Keras' `Normalization` stores a count besides.

    Example: after learning from 1, 2, 3 the value 3 becomes 1.2247.

    Shapes:
        (batch, rows, columns, channels) to the same.
    """

    def build(self, input_shape: Any) -> None:
        channels = (input_shape[-1],)
        self.mean, self.deviation = (
            self.add_weight(
                name=name, shape=channels, initializer=start, trainable=False, autocast=False
            )
            for name, start in (("mean", "zeros"), ("deviation", "ones"))
        )

    def learn(self, batches: Iterable[Any]) -> None:
        """Take mean and deviation from features.

        Args:
            batches: arrays (batch, rows, columns, channels), of any sizes.

        Raises:
            ValueError: no features at all.
        """
        count, total, squares = 0, 0.0, 0.0
        for batch in batches:
            values = np.asarray(batch, np.float64).reshape(-1, np.shape(batch)[-1])
            count += len(values)
            total = total + values.sum(axis=0)
            squares = squares + np.square(values).sum(axis=0)
        if count == 0:
            raise ValueError("no features to learn mean and deviation from. Give training images.")
        mean = total / count
        deviation = np.sqrt(np.maximum(squares / count - mean**2, 0))
        self.mean.assign(mean)
        self.deviation.assign(np.where(deviation > 1e-9 * np.abs(mean), deviation, 1.0))

    def call(self, inputs: Any) -> Any:
        wide = keras.backend.result_type(inputs.dtype, "float32")
        result = (ops.cast(inputs, wide) - self.mean) / self.deviation
        return ops.cast(result, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape)
