"""The loss of ML-Net: a squared error that counts salient pixels more.

Cornia, Baraldi, Serra and Cucchiara, "A deep multi-level network for saliency prediction", ICPR
2016, and the released code (marcellacornia/mlnet).
"""

from __future__ import annotations

from typing import Any

import keras

from keras_saliency.losses._terms import weighted_square
from keras_saliency.losses.map_loss import MapLoss


@keras.saving.register_keras_serializable(package="keras_saliency")
class MLNetLoss(MapLoss):
    """Mean over pixels of (p/max p - y)^2 / (alpha - y)^power.

    The released code has power 1, the paper prints the square of the whole quotient, power 2. A
    map is divided by 1e-7 at least, our choice where the original divides by zero.

    Example: p = [[.2, .4], [.8, .4]] and y = [[0, .5], [1, .5]] give .01420455, with power 2
    .01291322.

    Args:
        alpha: above the largest value of y.
        power: 1 or 2.

    Shapes:
        y_true: densities in [0, 1], (batch, rows, columns[, 1]).
        y_pred: maps of the same size, not negative.

    Raises:
        ValueError: alpha of 1 or less, or another power.
    """

    def __init__(self, alpha: float = 1.1, power: int = 1, name: str = "ml_net", **kwargs: Any):
        super().__init__(name=name, **kwargs)
        if alpha <= 1:
            raise ValueError(f"alpha must exceed 1, the largest density; found {alpha}. Give 1.1.")
        if power not in (1, 2):
            raise ValueError(
                f"power must be 1 (released code) or 2 (paper); found {power}. Choose one."
            )
        self.alpha = alpha
        self.power = power

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """The weighted error of maps (batch, rows, columns), (batch,)."""
        (density,) = truth
        return weighted_square(saliency, density, self.alpha, self.power)

    def get_config(self) -> dict:
        """The arguments to build the loss again."""
        return {**super().get_config(), "alpha": self.alpha, "power": self.power}
