"""Mean, median and Gaussian over a window that slides over the image, as in TensorFlow Addons."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import backend, ops

from keras_saliency.ops.blur import check_sigma, correlate_separable, gaussian_weights
from keras_saliency.ops.pad import pad
from keras_saliency.ops.pair import pair

_BORDERS = {"REFLECT": "mirror", "SYMMETRIC": "reflect", "CONSTANT": "constant"}


def mean_filter2d(
    image: Any,
    filter_shape: int | tuple[int, int] = (3, 3),
    padding: str = "REFLECT",
    constant_values: float = 0.0,
) -> Any:
    """Mean of every window, channel by channel.

    Example: [[1, 2, 6]] under a window (1, 3) and REFLECT is [[5/3, 3, 10/3]].

    Args:
        image: tensor (rows, columns), (rows, columns, channels) or (batch, rows, columns,
            channels).
        filter_shape: window, a number or (rows, columns); an even one reaches one pixel further
            after than before.
        padding: `"REFLECT"` (edge not repeated), `"SYMMETRIC"` (edge repeated) or `"CONSTANT"`.
        constant_values: the value outside under `"CONSTANT"`.

    Returns:
        Tensor of the image's shape and dtype; integers are truncated towards zero.

    Raises:
        ValueError: another padding, a window below one pixel, or an image of another rank.
    """
    image = ops.convert_to_tensor(image)
    return _like(image, ops.mean(_windows(image, filter_shape, padding, constant_values), axis=0))


def median_filter2d(
    image: Any,
    filter_shape: int | tuple[int, int] = (3, 3),
    padding: str = "REFLECT",
    constant_values: float = 0.0,
) -> Any:
    """Median of every window, channel by channel; of an even number the mean of the middle two.

    Example: [[1, 2, 6]] under a window (1, 3) and REFLECT is [[2, 2, 2]].

    Args and errors are those of `mean_filter2d`.

    Returns:
        Tensor of the image's shape and dtype; integers are truncated towards zero.
    """
    image = ops.convert_to_tensor(image)
    values = ops.sort(_windows(image, filter_shape, padding, constant_values), axis=0)
    n = values.shape[0]
    return _like(image, (values[(n - 1) // 2] + values[n // 2]) / 2)


def gaussian_filter2d(
    image: Any,
    filter_shape: int | tuple[int, int] = (3, 3),
    sigma: float | tuple[float, float] = 1.0,
    padding: str = "REFLECT",
    constant_values: float = 0.0,
) -> Any:
    """Gaussian mean of every window, channel by channel.

    Args:
        image: as in `mean_filter2d`, and so are window and border.
        filter_shape: window, a number or (rows, columns).
        sigma: standard deviation in pixels, a number or (rows, columns).
        padding: `"REFLECT"`, `"SYMMETRIC"` or `"CONSTANT"`.
        constant_values: the value outside under `"CONSTANT"`.

    Returns:
        Tensor of the image's shape and dtype; integers are truncated towards zero.

    Raises:
        ValueError: another padding, a window below one pixel, sigma not positive, or an image of
            another rank.
    """
    image = ops.convert_to_tensor(image)
    images, sides = _checked(image, filter_shape, padding)
    weights = []
    for n, spread in zip(
        sides, sigma if isinstance(sigma, (tuple, list)) else (sigma,) * 2, strict=True
    ):
        offsets = np.arange(-((n - 1) // 2), n // 2 + 1)
        spread = float(np.float32(check_sigma(spread)))  # as there, even for a float64 image
        weights.append(gaussian_weights(spread, offsets, images.dtype))
    rows, columns = weights
    return _like(
        image, correlate_separable(images, rows, columns, _BORDERS[padding], constant_values)
    )


def _windows(image: Any, filter_shape: Any, padding: str, constant: float) -> Any:
    """(pixels of the window, batch, rows, columns, channels) in float32, float64 for float64."""
    images, (n, m) = _checked(image, filter_shape, padding)
    h, w = ops.shape(images)[1:3]
    around = ((n - 1) // 2, n // 2), ((m - 1) // 2, m // 2)
    images = pad(images, around, _BORDERS[padding], constant)
    return ops.stack([images[:, a : a + h, b : b + w] for a in range(n) for b in range(m)])


def _checked(image: Any, filter_shape: Any, padding: str) -> tuple[Any, tuple[int, int]]:
    """The image as (batch, rows, columns, channels), in float32 or wider, and the window."""
    if padding not in _BORDERS:
        raise ValueError(
            f"padding must be REFLECT, SYMMETRIC or CONSTANT; found {padding!r}. Choose one."
        )
    if len(image.shape) not in (2, 3, 4):
        raise ValueError(
            f"image must have two, three or four axes; found the shape {tuple(image.shape)}. "
            "Give (batch, rows, columns, channels)."
        )
    sides = pair(filter_shape)
    if min(sides) < 1:
        raise ValueError(
            f"filter_shape must be at least 1 pixel; found {filter_shape!r}. Give 1 for none."
        )
    wide = "float64" if backend.standardize_dtype(image.dtype) == "float64" else "float32"
    image = ops.cast(image, wide)
    if len(image.shape) == 2:
        return image[None, :, :, None], sides
    return (image[None] if len(image.shape) == 3 else image), sides


def _like(image: Any, result: Any) -> Any:
    return ops.cast(ops.reshape(result, ops.shape(image)), image.dtype)
