"""Log likelihood of fixations, what DeepGaze is trained by.

Kümmerer, Theis, Bethge, ICLR workshop 2015, and `metrics.py` of matthias-k/DeepGaze.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from keras_saliency.losses.map_loss import MapLoss


@keras.saving.register_keras_serializable(package="keras_saliency")
class LogLikelihood(MapLoss):
    """Minus the mean log density at the fixations, in bits above a uniform density.

    Of an image with the log density L and the count M of fixations at each pixel it is
    -(sum L M / sum M + ln(rows columns)) / ln 2; a pixel fixated twice counts twice. Images weigh
    the same; `sample_weight` changes that. The difference between two models' losses is
    information gain. An image without fixations has the loss 0 (our choice; the original divides
    by zero).

    Example: L = ln [.1, .2, .3, .4] in 2x2 with one fixation at .4 and one at .1 gives
    -(ln .2 + ln 4)/ln 2 = .3219.

    Shapes:
        y_true: counts (batch, rows, columns[, 1]).
        y_pred: log densities (batch, rows, columns[, 1]), natural logarithms.
    """

    truth = ("fixations",)

    def __init__(self, name: str = "log_likelihood", **kwargs: Any):
        super().__init__(name=name, **kwargs)

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """Bits of maps (batch, rows, columns), (batch,)."""
        (counts,) = truth
        fixations = ops.sum(counts, axis=(1, 2))
        total = ops.sum(ops.where(counts > 0, saliency, 0.0) * counts, axis=(1, 2))
        rows, columns = ops.shape(saliency)[1:3]
        uniform = ops.log(ops.cast(rows * columns, saliency.dtype))
        mean = total / ops.maximum(fixations, 1) + uniform
        return -ops.where(fixations > 0, mean, 0.0) / math.log(2)
