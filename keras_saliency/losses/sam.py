"""The loss of SAM: KL, CC and NSS at once.

Cornia, Baraldi, Serra and Cucchiara, "Predicting human eye fixations via an LSTM-based saliency
attentive model", IEEE TIP 2018, and the released code (marcellacornia/sam).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_saliency.losses import _terms
from keras_saliency.losses.map_loss import MapLoss
from keras_saliency.ops.batch_maps import BatchMap

EPS = 1e-7


@keras.saving.register_keras_serializable(package="keras_saliency")
class SAMLoss(MapLoss):
    """kl KL(Q, P) + cc CC(Q, P) + nss NSS(p at F), from p divided by its maximum.

    KL is the sum of Q ln(Q/(P + e) + e) with e = 1e-7, P and Q divided by their sums; CC is
    Pearson's; NSS is the mean of (p - mean)/(std + e) at the fixations, std the population's. The
    terms are the kit's metrics. CC of a constant map or density and NSS without fixations or of a
    constant map are 0, our choice; a map is divided by 1e-7 at least.

    Example: p = [[.2, .4], [.8, .4]], y = [[0, .5], [1, .5]] and F = [[0, 0], [1, 0]] have KL
    .1177828, CC .9733285 and NSS 1.6059095; together -2.3747388.

    Args:
        kl: weight of KL.
        cc: weight of CC, negative since a high value is good.
        nss: weight of NSS, likewise.

    Shapes:
        y_true: (batch, rows, columns, 2), the density and the map of fixations (0 or 1).
        y_pred: maps (batch, rows, columns[, 1]), not negative.
    """

    truth = ("density", "fixations")

    def __init__(
        self,
        kl: float = 10.0,
        cc: float = -2.0,
        nss: float = -1.0,
        name: str = "sam",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        self.kl = kl
        self.cc = cc
        self.nss = nss

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """The weighted sum of the terms of maps (batch, rows, columns), (batch,)."""
        density, fixations = truth
        p = BatchMap(_terms.over_max(saliency))
        y = BatchMap(density)
        cc = _terms.zero_where(p.constant | y.constant, _terms.cc(p, y))
        std = ops.sqrt(p.squares / p.n)[..., 0]
        nss = _terms.nss(p, fixations, ddof=0) * std / (std + EPS)
        return self.kl * _terms.kl(p.pixels, density, EPS) + self.cc * cc + self.nss * nss

    def get_config(self) -> dict:
        """The arguments to build the loss again."""
        return {**super().get_config(), "kl": self.kl, "cc": self.cc, "nss": self.nss}
