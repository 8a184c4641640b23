"""The loss of MSI-Net: Kullback-Leibler divergence.

Kroner, Senden, Driessens and Goebel, "Contextual encoder-decoder network for visual saliency
prediction", Neural Networks 2020, and the released code (alexanderkroner/saliency).
"""

from __future__ import annotations

from typing import Any

import keras

from keras_saliency.losses import _terms
from keras_saliency.losses.map_loss import MapLoss

EPS = 1e-7


@keras.saving.register_keras_serializable(package="keras_saliency")
class MSILoss(MapLoss):
    """Sum of Q ln(e + Q/(e + P)), P and Q the maps divided by their sums, e = 1e-7.

    The network's last layer scales its output to [0, 1] by minimum and maximum; the loss takes it
    as it is. The formula is the kit's KL, which leaves out terms of the order of e.

    Example: p = [[0, 1/3], [1, 1/3]] and y = [[0, .5], [1, .5]] give .0204108.

    Shapes:
        y_true: densities (batch, rows, columns[, 1]), not negative.
        y_pred: maps of the same size, not negative.
    """

    def __init__(self, name: str = "msi", **kwargs: Any):
        super().__init__(name=name, **kwargs)

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """KL of maps (batch, rows, columns), (batch,)."""
        (density,) = truth
        return _terms.kl(saliency, density, EPS)
