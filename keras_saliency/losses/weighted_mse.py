"""Weighted mean squared error: the equation of the ML-Net report, without a prior."""

from __future__ import annotations

from typing import Any

import keras

from keras_saliency.losses._terms import weighted_square
from keras_saliency.losses.map_loss import MapLoss


@keras.saving.register_keras_serializable(package="keras_saliency")
class WeightedMSE(MapLoss):
    """Mean over pixels of ((p/max p - y) / (alpha - y))^2.

    It is `MLNetLoss` with power 2 under the name that the report compares with plain mean squared
    error.

    Example: p = [[.2, .4], [.8, .4]] and y = [[0, .5], [1, .5]] give .01291322.

    Args:
        alpha: above the largest value of y.

    Shapes:
        y_true: densities in [0, 1], (batch, rows, columns[, 1]).
        y_pred: maps of the same size, not negative.

    Raises:
        ValueError: alpha of 1 or less.
    """

    def __init__(self, alpha: float = 1.1, name: str = "weighted_mse", **kwargs: Any):
        super().__init__(name=name, **kwargs)
        if alpha <= 1:
            raise ValueError(f"alpha must exceed 1, the largest density; found {alpha}. Give 1.1.")
        self.alpha = alpha

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """The weighted error of maps (batch, rows, columns), (batch,)."""
        (density,) = truth
        return weighted_square(saliency, density, self.alpha, power=2)

    def get_config(self) -> dict:
        """The arguments to build the loss again."""
        return {**super().get_config(), "alpha": self.alpha}
