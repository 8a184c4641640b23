"""Separable Gaussian blur, with scipy's borders and the radius rules of the programs around us.

A Gaussian is cut somewhere, and programs cut it differently: scipy (and scikit-image) reach
floor(truncate sigma + 1/2) pixels to each side, DeepGaze ceil(truncate sigma), OpenCV as far as its
window says, TensorFlow Addons a window that may be even and then reaches one pixel further after
than before.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import backend, ops

from keras_saliency.ops.pad import pad


def half_width(sigma: float, truncate: float = 4.0, radius: str | int = "round") -> int:
    """Pixels that the window reaches to each side.

    Args:
        sigma: standard deviation in pixels.
        truncate: how many standard deviations are kept.
        radius: `"round"` for floor(truncate sigma + 1/2), `"ceil"` for ceil(truncate sigma), or
            the number itself.

    Raises:
        ValueError: another rule, or a negative number.
    """
    if radius == "round":
        return math.floor(truncate * sigma + 0.5)
    if radius == "ceil":
        return math.ceil(truncate * sigma)
    if isinstance(radius, int) and not isinstance(radius, bool) and radius >= 0:
        return radius
    raise ValueError(
        f'radius must be "round" (scipy), "ceil" (DeepGaze) or a number of pixels >= 0; '
        f"found {radius!r}. A window of k pixels has the radius (k - 1)/2."
    )


def gaussian_weights(sigma: Any, offsets: Any, dtype: Any = "float32", within: Any = None) -> Any:
    """exp(-(x/sigma)^2/2) at the offsets x (numpy), divided by the sum.

    `sigma` is a number, which gives a numpy array, or a scalar tensor of `dtype` through which a
    gradient may flow. Beyond `within` pixels, a number or scalar tensor, weights are zero.
    """
    dtype = backend.standardize_dtype(dtype)
    offsets = offsets.astype(dtype)
    xp = np if isinstance(sigma, (int, float)) else ops  # a known width needs no work in the graph
    weights = xp.exp(-0.5 * xp.square(offsets / sigma))
    if within is not None:
        weights = weights * ops.cast(np.abs(offsets) <= within, dtype)
    return weights / xp.sum(weights)


def blur(
    images: Any,
    sigma: float,
    truncate: float = 4.0,
    border: str = "reflect",
    radius: str | int = "round",
) -> Any:
    """Blur rows and columns of every channel with a Gaussian.

    The defaults are those of `scipy.ndimage.gaussian_filter`. An impulse at sigma 1 and radius 1
    becomes the outer product of (.2741, .4519, .2741) with itself.

    Args:
        images: tensor (batch, rows, columns, channels).
        sigma: standard deviation in pixels, positive.
        truncate: standard deviations kept.
        border: `"reflect"`, `"mirror"`, `"nearest"` or `"constant"` (zero), see `ops.pad`.
        radius: see `half_width`.

    Returns:
        Tensor of the same shape; float32, or the dtype of floating images. Computed in float32
        (float64 for float64).

    Raises:
        ValueError: sigma not positive, unknown border or radius.
    """
    check_sigma(sigma)
    reach = half_width(sigma, truncate, radius)
    dtype = "float64" if backend.standardize_dtype(images.dtype) == "float64" else "float32"
    weights = gaussian_weights(sigma, np.arange(-reach, reach + 1), dtype)
    return correlate_separable(images, weights, weights, border)


def check_sigma(sigma: float) -> float:
    """Return `sigma` if it is positive, else raise ValueError."""
    if not sigma > 0:
        raise ValueError(
            f"sigma must be a positive number of pixels; found {sigma!r}. "
            "Leave the blur out where none is wanted."
        )
    return sigma


def correlate_separable(
    images: Any, rows: Any, columns: Any, border: str = "reflect", constant: float = 0.0
) -> Any:
    """Correlate every channel with weights along the rows' axis, then along the columns' axis.

    Args:
        images: tensor (batch, rows, columns, channels).
        rows: weights (n,) down the image, tensor or array; of an even n, n/2 - 1 lie before the
            pixel.
        columns: weights (m,) across the image.
        border: see `ops.pad`.
        constant: the value outside under `border="constant"`.

    Returns:
        Tensor of the same shape, of the images' dtype if that is floating, else float32.
    """
    images = ops.convert_to_tensor(images)
    dtype = backend.standardize_dtype(images.dtype)
    b, h, w, c = ops.shape(images)
    around = [((n - 1) // 2, n // 2) for n in (rows.shape[0], columns.shape[0])]
    planes = ops.transpose(ops.cast(images, rows.dtype), (0, 3, 1, 2))
    planes = pad(ops.reshape(planes, (b * c, h, w, 1)), (around[0], around[1]), border, constant)
    # Two matrix products cost the same for every sigma, and long one-channel convolutions are
    # slow everywhere (and abort the process in TensorFlow's oneDNN from about 160 taps on).
    planes = ops.matmul(_band(rows, h), ops.squeeze(planes, -1))
    planes = ops.matmul(planes, ops.transpose(_band(columns, w)))
    result = ops.transpose(ops.reshape(planes, (b, c, h, w)), (0, 2, 3, 1))
    return ops.cast(result, dtype) if backend.is_float_dtype(dtype) else result


def _band(weights: Any, n: Any) -> Any:
    """Matrix (n, n + window - 1) whose row i holds the weights from column i on."""
    # repeated with n zeros after them and cut one short, each row starts one place later
    period = ops.concatenate([weights, ops.zeros((n,), weights.dtype)])
    length = n + weights.shape[0]
    rows = ops.broadcast_to(period[None], (n, length))
    return ops.reshape(ops.reshape(rows, (-1,))[: n * (length - 1)], (n, length - 1))
