"""The loss of EML-NET: KL, CC and NSS, each zero at its best for a perfect map.

Jia and Bruce, "EML-NET: an expandable multi-layer network for saliency prediction", Image and
Vision Computing 2020, and the released code (SenJia/EML-NET-Saliency).
"""

from __future__ import annotations

from typing import Any

import keras

from keras_saliency.losses import _terms
from keras_saliency.losses.map_loss import MapLoss
from keras_saliency.ops.batch_maps import BatchMap

EPS = 1e-6


@keras.saving.register_keras_serializable(package="keras_saliency")
class EMLLoss(MapLoss):
    """KL(Q, P) + (1 - CC(Q, P)) + (NSS(F at F) - NSS(p at F)).

    KL is the sum of Q ln(Q/(P + e) + e) with e = 1e-6, P and Q divided by their sums. The last term
    is the mean over the fixations of the difference between the map of fixations and p, both
    standardised with the sample's standard deviation (n - 1); it can fall below 0. The terms are
    the kit's metrics. Of a constant map, a constant density, or without fixations, the terms that
    have no value are 0, our choice.

    Example: p = [[.2, .4], [.8, .4]], y = [[0, .5], [1, .5]] and F = [[0, 0], [1, 0]] give
    .1177805 + .0266715 + .1092410 = .2536930.

    Shapes:
        y_true: (batch, rows, columns, 2), the density and the map of fixations (0 or 1).
        y_pred: maps (batch, rows, columns[, 1]), not negative.
    """

    truth = ("density", "fixations")

    def __init__(self, name: str = "eml", **kwargs: Any):
        super().__init__(name=name, **kwargs)

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """The sum of the terms of maps (batch, rows, columns), (batch,)."""
        density, fixations = truth
        p, y, f = BatchMap(saliency), BatchMap(density), BatchMap(fixations)
        best = _terms.nss(f, fixations, ddof=1)
        cc = _terms.zero_where(p.constant | y.constant, 1 - _terms.cc(p, y))
        nss = _terms.zero_where(p.constant | f.constant, best - _terms.nss(p, fixations, ddof=1))
        return _terms.kl(saliency, density, EPS) + cc + nss
