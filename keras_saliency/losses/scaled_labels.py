"""A loss whose labels are scaled first: sources train on maps in 0..1, -1..1 or others."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="keras_saliency")
class ScaledLabels(keras.losses.Loss):
    """Another loss, of labels low + (high - low) y instead of y.

    Labels that are given in 0..1, as readers and `salbench densities` give them, become what the
    source trained on.

    Example: y = .25, low -1 and high 1: the other loss sees -.5.

    Args:
        loss: the other one.
        low: what 0 becomes.
        high: what 1 becomes.

    Shapes:
        y_true: in 0..1, as the other loss has it.
        y_pred: as the other loss has it.
    """

    def __init__(
        self,
        loss: Any = "MeanSquaredError",
        low: float = -1.0,
        high: float = 1.0,
        name: str = "scaled_labels",
        **kwargs: Any,
    ):
        loss = keras.losses.get(loss)
        kwargs.setdefault("reduction", loss.reduction)
        super().__init__(name=name, **kwargs)
        self.loss, self.low, self.high = loss, low, high

    @property
    def truth(self) -> tuple[str, ...]:
        """What the other loss learns from."""
        return getattr(self.loss, "truth", ("map",))

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The other loss' values, not yet reduced."""
        return self.loss.call(self.low + (self.high - self.low) * y_true, y_pred)

    def get_config(self) -> dict:
        """The arguments to build the loss again."""
        return {
            **super().get_config(),
            "loss": keras.saving.serialize_keras_object(self.loss),
            "low": self.low,
            "high": self.high,
        }

    @classmethod
    def from_config(cls, config: dict) -> ScaledLabels:
        """A loss from its arguments."""
        return cls(**{**config, "loss": keras.saving.deserialize_keras_object(config["loss"])})
