"""Multi-scale structural similarity as a loss.

Wang, Simoncelli and Bovik, "Multi-scale structural similarity for image quality assessment",
Asilomar 2003.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import backend, ops

from keras_saliency.losses.map_loss import MapLoss
from keras_saliency.ops.blur import correlate_separable, gaussian_weights

EXPONENTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
SIGMA = 1.5
RADIUS = 5
C1, C2 = 0.01**2, 0.03**2  # (K L)^2 for values in [0, 1]


@keras.saving.register_keras_serializable(package="keras_saliency")
class MSSSIMLoss(MapLoss):
    """1 - prod_k contrast_k^w_k luminance^w_last, over up to five scales.

    With means m, variances v and covariance c in 11x11 Gaussian windows (sigma 1.5) that lie inside
    the map, contrast is the mean of (2c + C2)/(v_p + v_y + C2), at the last scale together with
    (2 m_p m_y + C1)/(m_p^2 + m_y^2 + C1); C1 = .01^2, C2 = .03^2. Between the scales both maps are
    averaged over 2x2 pixels. Negative contrasts count as 0. Five scales, with the exponents .0448
    .2856 .3001 .2363 .1333, need 176 rows and columns (taken for granted where a graph does not
    know its size); smaller maps have fewer scales, whose exponents are divided by their sum, our
    choice.

    Example: of the constants p = .2 and y = .4, 11x11, the loss is 1 - (.16 + C1)/(.2 + C1) =
    .1999000.

    Shapes:
        y_true: densities in [0, 1], (batch, rows, columns[, 1]), at least 11x11.
        y_pred: maps in [0, 1] of the same size.

    Raises:
        ValueError: maps below 11x11.
    """

    def __init__(self, name: str = "ms_ssim", **kwargs: Any):
        super().__init__(name=name, **kwargs)

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """1 - MS-SSIM of maps (batch, rows, columns), (batch,)."""
        both = ops.stack([saliency, *truth], axis=-1)
        exponents = _exponents(saliency.shape[1:])
        similarity = ops.ones_like(saliency[:, 0, 0])
        for scale, exponent in enumerate(exponents, start=1):
            luminance, contrast = _similarities(both)
            last = scale == len(exponents)
            value = ops.mean(luminance * contrast if last else contrast, axis=(1, 2))
            similarity = similarity * _power(value, exponent)
            if not last:
                both = ops.average_pool(both, 2, 2, "valid", data_format="channels_last")
        return 1 - similarity


def _exponents(size: tuple) -> Sequence[float]:
    """The exponents of as many scales as fit."""
    window = 2 * RADIUS + 1
    known = min([side for side in size if side is not None], default=None)
    if known is not None and known < window:
        raise ValueError(
            f"maps must have at least {window}x{window} pixels, one window; found {tuple(size)}. "
            "Train at a larger size."
        )
    fit = [w for k, w in enumerate(EXPONENTS) if known is None or known >> k >= window]
    return EXPONENTS if len(fit) == len(EXPONENTS) else [w / sum(fit) for w in fit]


def _similarities(both: Any) -> tuple[Any, Any]:
    """Luminance and contrast terms of every window, from maps stacked as (batch, h, w, 2)."""
    # variances do not depend on an offset, and float32 loses fewer digits near zero
    offset = ops.mean(both, axis=(1, 2), keepdims=True)
    p, y = (both - offset)[..., 0], (both - offset)[..., 1]
    moments = ops.stack([p, y, p * p + y * y, p * y], axis=-1)
    dtype = backend.standardize_dtype(moments.dtype)
    weights = gaussian_weights(SIGMA, np.arange(-RADIUS, RADIUS + 1), dtype)
    moments = correlate_separable(moments, weights, weights)
    moments = moments[:, RADIUS:-RADIUS, RADIUS:-RADIUS]
    mean_p, mean_y, squares, product = (moments[..., k] for k in range(4))
    variances, covariance = squares - mean_p * mean_p - mean_y * mean_y, product - mean_p * mean_y
    contrast = (2 * covariance + C2) / (variances + C2)
    mean_p, mean_y = mean_p + offset[..., 0], mean_y + offset[..., 1]
    luminance = (2 * mean_p * mean_y + C1) / (mean_p * mean_p + mean_y * mean_y + C1)
    return luminance, contrast


def _power(value: Any, exponent: float) -> Any:
    """value^exponent, 0 with a zero gradient where the value is not positive."""
    positive = value > 0
    safe = ops.where(positive, value, ops.ones_like(value))
    return ops.where(positive, safe**exponent, ops.zeros_like(value))
