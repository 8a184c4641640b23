"""The loss of DenseSal and DPNSal: Kullback-Leibler divergence at the size of the output.

Oyama and Yamanaka, "Influence of image classification accuracy on saliency map estimation", CAAI
Transactions on Intelligence Technology 2018, and their laboratory's code (islab-sophia/odisal).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_saliency.losses.map_loss import MapLoss
from keras_saliency.ops.batch_maps import planes
from keras_saliency.ops.resize import resize

EPS = 1e-7


@keras.saving.register_keras_serializable(package="keras_saliency")
class OyamaKL(MapLoss):
    """Sum of Q (ln Q - ln P), P = (p + e)/(sum p + e) and Q = (y + e)/(sum y + e), e = 1e-7.

    Unlike the kit's KL, e is added to every pixel but once to the sum. A density of another size
    is resized to the map's (bilinear, half-pixel centres, our choice).

    Example: p = [[.2, .4], [.8, .4]] and y = [[0, .5], [1, .5]] give .1177823.

    Shapes:
        y_true: densities (batch, rows, columns[, 1]) of any size, not negative.
        y_pred: maps (batch, rows, columns[, 1]), not negative.
    """

    def __init__(self, name: str = "oyama_kl", **kwargs: Any):
        super().__init__(name=name, **kwargs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One value an image, (batch,)."""
        (density,) = planes(y_true, "y_true", 1)
        density = resize(density[..., None], ops.shape(y_pred)[1:3])
        return super().call(density, y_pred)

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """KL of maps (batch, rows, columns), (batch,)."""
        (density,) = truth
        p, q = _shares(saliency), _shares(density)
        return ops.sum(q * (ops.log(q) - ops.log(p)), axis=(1, 2))


def _shares(maps: Any) -> Any:
    return (maps + EPS) / (ops.sum(maps, axis=(1, 2), keepdims=True) + EPS)
