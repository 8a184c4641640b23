"""Focal cross-entropy (Lin et al., ICCV 2017), summed over the last axis."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

_FLOOR = 1e-7


@keras.saving.register_keras_serializable(package="keras_saliency")
class SigmoidFocalCrossEntropy(keras.losses.Loss):
    """Sum over the last axis of (1 - q)^gamma * (alpha y + (1 - alpha)(1 - y)) * cross-entropy.

    q = y p + (1 - y)(1 - p) is the probability of the right answer. TensorFlow Addons' form:
    summed, where `keras.losses.BinaryFocalCrossentropy` averages, and not reduced by default. An
    alpha or gamma of 0 leaves its factor out. Probabilities are clipped to [1e-7, 1 - 1e-7], and
    1e-7 is added in the logarithms. Computed in float32.

    Example: y = 1 and p = 0.9 give .25 * .1^2 * -ln .9 = 2.634e-4.

    Args:
        from_logits: whether y_pred comes without its sigmoid.
        alpha: weight of the ones; the zeros weigh 1 - alpha.
        gamma: exponent, 0 or more.
        reduction: as of Keras' losses; None keeps one value for each last axis.

    Shapes:
        y_true: labels in [0, 1], (batch, ..., n).
        y_pred: probabilities or logits of the same shape; the values are (batch, ...).

    Raises:
        ValueError: gamma below 0.
    """

    def __init__(
        self,
        from_logits: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        reduction: str | None = None,
        name: str = "sigmoid_focal_crossentropy",
        **kwargs: Any,
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)
        if gamma < 0:
            raise ValueError(f"gamma must be 0 or more; found {gamma}. Give 0 for no focus.")
        self.from_logits = from_logits
        self.alpha = alpha
        self.gamma = gamma

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One value for each last axis, (batch, ...)."""
        y, p = ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
        if self.from_logits:
            value = ops.relu(p) - p * y + ops.softplus(-ops.abs(p))
            p = ops.sigmoid(p)
        else:
            inner = ops.clip(p, _FLOOR, 1 - _FLOOR)
            value = -y * ops.log(inner + _FLOOR) - (1 - y) * ops.log(1 - inner + _FLOOR)
        if self.alpha:
            value = value * (y * self.alpha + (1 - y) * (1 - self.alpha))
        if self.gamma:
            wrong = 1 - (y * p + (1 - y) * (1 - p))
            # a root has no slope at zero
            value = value * ops.power(ops.maximum(wrong, 1e-12), self.gamma)
        return ops.sum(value, axis=-1)

    def get_config(self) -> dict:
        """The arguments to build the loss again."""
        return {
            **super().get_config(),
            "dtype": self.dtype,
            "from_logits": self.from_logits,
            "alpha": self.alpha,
            "gamma": self.gamma,
        }
