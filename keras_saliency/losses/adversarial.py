"""The losses of SalGAN: the generator's content, and the pair that plays against each other.

Pan et al., "SalGAN: Visual Saliency Prediction with Generative Adversarial Networks",
arXiv:1701.01081, and the released code (imatge-upc/salgan).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_saliency.losses.map_loss import MapLoss
from keras_saliency.ops.batch_maps import wide

POOL = 4


@keras.saving.register_keras_serializable(package="keras_saliency")
class SalGANContentLoss(MapLoss):
    """Mean of -y ln p - (1 - y) ln(1 - p) after averages over 4x4 pixels of both.

    The averages neither overlap nor pad; rows and columns beyond the last full one are left out.
    Probabilities are clipped to [1e-7, 1 - 1e-7], our choice.

    Example: p = .5 everywhere gives ln 2 = .6931472 for every y.

    Shapes:
        y_true: densities in [0, 1], (batch, rows, columns[, 1]), at least 4x4.
        y_pred: probabilities of the same size.

    Raises:
        ValueError: maps below 4x4.
    """

    def __init__(self, name: str = "salgan_content", **kwargs: Any):
        super().__init__(name=name, **kwargs)

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """The cross-entropy of maps (batch, rows, columns), (batch,)."""
        if any(side is not None and side < POOL for side in saliency.shape[1:]):
            raise ValueError(
                f"maps must have at least {POOL}x{POOL} pixels; found "
                f"{tuple(saliency.shape[1:])}. Train at a larger size."
            )
        p, y = (
            ops.average_pool(x[..., None], POOL, POOL, "valid", data_format="channels_last")
            for x in (saliency, *truth)
        )
        return ops.mean(ops.binary_crossentropy(y, p), axis=(1, 2, 3))


def generator_loss(fake: Any, content: Any, alpha: float = 0.05) -> Any:
    """What the generator minimises: cross-entropy of its maps judged real, and the content.

    Example: fake = .5 and content = 2 give ln 2 + .05 * 2 = .7931472.

    Args:
        fake: the discriminator's probabilities for generated maps, any shape.
        content: value of `SalGANContentLoss`, a scalar.
        alpha: weight of the content; .05 in the released code, .005 in the paper.

    Returns:
        Scalar, float32 or wider.
    """
    return _judged(fake, 1.0) + alpha * content


def discriminator_loss(real: Any, fake: Any) -> Any:
    """What the discriminator minimises: mean cross-entropy of real maps to 1 and generated to 0.

    Example: real = .8 and fake = .4 give (-ln .8 - ln .6)/2 = .3669846.

    Args:
        real: the discriminator's probabilities for maps of people, (batch, ...).
        fake: the same for generated maps, of the same shape.

    Returns:
        Scalar, float32 or wider.
    """
    return (_judged(real, 1.0) + _judged(fake, 0.0)) / 2


def _judged(probabilities: Any, label: float) -> Any:
    probabilities = wide(probabilities)
    labels = label * ops.ones_like(probabilities)
    return ops.mean(ops.binary_crossentropy(labels, probabilities))
