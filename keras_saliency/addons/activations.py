"""Activations of TensorFlow Addons that Keras lacks, or has with other values.

from keras_saliency.addons.activations import lisht, snake, sparsemax
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
def lisht(x: Any) -> Any:
    """`x tanh(x)`, not negative (Roy et al., 2019). Example: 1 becomes 0.7616, and -1 too."""
    return x * ops.tanh(x)


@keras.saving.register_keras_serializable(package="keras_saliency")
def snake(x: Any, frequency: float = 1.0) -> Any:
    """`x + sin(frequency x)^2 / frequency` (Liu et al., 2020). Example: 1 becomes 1.7081."""
    return x + ops.square(ops.sin(frequency * x)) / frequency


@keras.saving.register_keras_serializable(package="keras_saliency")
def sparsemax(logits: Any) -> Any:
    """Nearest point of the probability simplex, over the last axis (Martins and Astudillo, 2016).

    max(z - t, 0) with the t for which the values sum to 1. Computed in float32 at least; Keras
    3.15's own sparsemax keeps too few values.

    Example: [1, 0.8, 0.1] becomes [0.6, 0.4, 0].
    """
    half = keras.backend.standardize_dtype(logits.dtype) in ("float16", "bfloat16")
    z = ops.cast(logits, "float32") if half else logits
    falling = ops.flip(ops.sort(z, axis=-1), axis=-1)
    k = ops.cast(ops.arange(1, z.shape[-1] + 1), falling.dtype)
    kept = 1 + k * falling > ops.cumsum(falling, axis=-1)
    total = ops.sum(ops.where(kept, falling, 0), axis=-1, keepdims=True)
    t = (total - 1) / ops.cast(ops.sum(kept, axis=-1, keepdims=True), falling.dtype)
    return ops.cast(ops.maximum(z - t, 0), logits.dtype)
