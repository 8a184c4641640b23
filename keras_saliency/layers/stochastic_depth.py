"""Stochastic depth (Huang et al., ECCV 2016): a residual branch that is sometimes left out."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class StochasticDepth(keras.layers.Layer):
    """shortcut + b * residual, b being 1 with the survival probability and else 0, in training.

    In inference b is the survival probability. As in TensorFlow Addons one coin is thrown for the
    whole batch, and nothing is divided by the probability: `Dropout` with
    `noise_shape=(None, 1, 1, 1)`, one coin an image and divided, is another layer.

    Example: shortcut 1, residual 4 and probability 0.5: 3 in inference, 1 or 5 in training.

    Args:
        survival_probability: in [0, 1].
        seed: of the coins.

    Shapes:
        [shortcut, residual] of one shape to the same.

    Raises:
        ValueError: a probability outside [0, 1].
    """

    def __init__(self, survival_probability: float = 0.5, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        if not 0 <= survival_probability <= 1:
            raise ValueError(
                f"survival_probability must lie in [0, 1]; found {survival_probability}. "
                "Give 1 to keep every branch."
            )
        self.survival_probability = survival_probability
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        shortcut, residual = inputs
        if not training:
            return shortcut + self.survival_probability * residual
        coin = keras.random.uniform((), dtype="float32", seed=self.seed_generator)
        kept = ops.cast(coin < self.survival_probability, residual.dtype)
        return shortcut + kept * residual

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape[0])

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "survival_probability": self.survival_probability,
            "seed": self.seed,
        }
