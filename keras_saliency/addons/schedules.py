"""Cyclical learning rates (Smith, WACV 2017)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

_MODES = ("triangular", "triangular2", "exponential")


@keras.saving.register_keras_serializable(package="keras_saliency")
class CyclicalLearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """Learning rate that rises from low to high in `step_size` steps and falls back in as many.

    low + (high - low) * height * scale, where the height runs 0 ... 1 ... 0 and the scale is 1
    (`triangular`), 1/2 for every cycle that is over (`triangular2`), or gamma^step
    (`exponential`).

    Example: low 1, high 5, step_size 2 gives 1, 3, 5, 3, 1, 3; in the second cycle of
    `triangular2` 1, 2, 3, 2, 1.

    Args:
        initial_learning_rate: the low end.
        maximal_learning_rate: the high end.
        step_size: steps of half a cycle.
        mode: `"triangular"`, `"triangular2"` or `"exponential"`.
        gamma: the base of `"exponential"`.

    Raises:
        ValueError: another mode, or step_size not positive.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        maximal_learning_rate: float,
        step_size: float,
        mode: str = "triangular",
        gamma: float = 1.0,
    ):
        super().__init__()
        if mode not in _MODES:
            raise ValueError(
                f"mode must be one of {', '.join(_MODES)}; found {mode!r}. Choose one."
            )
        if not step_size > 0:
            raise ValueError(f"step_size must be positive; found {step_size}. Count half a cycle.")
        self.initial_learning_rate = initial_learning_rate
        self.maximal_learning_rate = maximal_learning_rate
        self.step_size = step_size
        self.mode = mode
        self.gamma = gamma

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step counted from 0, float32."""
        step = ops.cast(step, "float32")
        cycle = ops.floor(1 + step / (2 * self.step_size))
        height = 1 - ops.abs(step / self.step_size - 2 * cycle + 1)
        if self.mode == "triangular2":
            height = height / ops.power(2.0, cycle - 1)
        elif self.mode == "exponential":
            height = height * ops.power(self.gamma, step)
        low = self.initial_learning_rate
        return low + (self.maximal_learning_rate - low) * height

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "maximal_learning_rate": self.maximal_learning_rate,
            "step_size": self.step_size,
            "mode": self.mode,
            "gamma": self.gamma,
        }
