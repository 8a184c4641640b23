"""The loss of DSCLRCN: NSS, with its sign turned.

Liu and Han, "A Deep Spatial Contextual Long-term Recurrent Convolutional Network for Saliency
Detection", IEEE TIP 2018, and the released layers (nian-liu/DSCLRCN).
"""

from __future__ import annotations

from typing import Any

import keras

from keras_saliency.losses import _terms
from keras_saliency.losses.map_loss import MapLoss
from keras_saliency.ops.batch_maps import BatchMap


@keras.saving.register_keras_serializable(package="keras_saliency")
class DSCLRCNLoss(MapLoss):
    """Minus the mean of the standardised map at the fixations, deviation with divisor n.

    The released code adds 1e-9 to the deviation; the kit's NSS does not, and is 0 for a constant
    map and for an image without fixations (our choice).

    Example: p = [[.2, .4], [.8, .4]] with a fixation at .8 gives -(.8 - .45)/.2179 = -1.6059.

    Shapes:
        y_true: counts or a mask of fixations (batch, rows, columns[, 1]), of any scale.
        y_pred: maps (batch, rows, columns[, 1]).
    """

    truth = ("fixations",)

    def __init__(self, name: str = "dsclrcn", **kwargs: Any):
        super().__init__(name=name, **kwargs)

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """Minus NSS of maps (batch, rows, columns), (batch,)."""
        (fixations,) = truth
        return -_terms.nss(BatchMap(saliency), fixations, ddof=0)
