"""Batch normalisation whose means and variances stay what they are, also in training."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="keras_saliency")
class FixedBatchNormalization(keras.layers.BatchNormalization):
    """Keras' `BatchNormalization` by its stored statistics, while scale and shift learn.

    Caffe's `use_global_stats`, with which trunks are trained further one picture at a time.
    Freezing Keras' layer would freeze scale and shift as well, and a `training=False` inside a
    functional model is overruled by the model's own.

    Example: mean 2, variance 4, scale 3 and shift 1 take 6 to 7 in training, too.

    Args:
        **kwargs: of `keras.layers.BatchNormalization`.

    Shapes:
        (..., channels) to the same.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        return super().call(inputs, training=False, mask=mask)
