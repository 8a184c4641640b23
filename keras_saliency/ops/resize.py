"""Resizing by gather and blend, in the alignments that saliency programs use.

Frameworks disagree about which place of the input an output pixel looks at. With n input and m
output pixels, the place s(o) of output pixel o is

    half_pixel     (o + 0.5) n/m - 0.5           Keras, TensorFlow 2, OpenCV, torch
    asymmetric     o n/m                         TensorFlow 1 (MSI-Net)
    align_corners  o (n - 1)/(m - 1)             torch `align_corners=True`
    theano         (o - floor((m/n - 1)/2)) n/m  Theano's `bilinear_upsampling` (ML-Net, SAM)
    nearest        floor(o n/m), product in float32    torch without a mode (EML-NET, DeepGaze)

and all but `nearest` blend the two neighbours of s linearly, the border being repeated. Nothing is
smoothed beforehand, so shrinking by more than two skips pixels.
"""

from __future__ import annotations

from typing import Any

from keras import backend, ops

ALIGNMENTS = ("half_pixel", "asymmetric", "align_corners", "theano", "nearest")


def check_alignment(alignment: str) -> str:
    """Return `alignment` if it is one of `ALIGNMENTS`, else raise ValueError."""
    if alignment not in ALIGNMENTS:
        raise ValueError(
            f"alignment must be one of {', '.join(ALIGNMENTS)}; found {alignment!r}. "
            "Choose the one of the program to be reproduced, or half_pixel."
        )
    return alignment


def resize(images: Any, size: tuple[Any, Any], alignment: str = "half_pixel") -> Any:
    """Resize images to `size`, rows first, then columns.

    On [0, 1, 3] and 6 output pixels: half_pixel 0 .25 .75 1.5 2.5 3, asymmetric and theano
    0 .5 1 2 3 3, align_corners 0 .4 .8 1.4 2.2 3, nearest 0 0 1 1 3 3.

    Args:
        images: tensor (batch, rows, columns, channels), any real dtype.
        size: (rows, columns) of the result, integers or scalar integer tensors.
        alignment: one of `ALIGNMENTS`.

    Returns:
        Tensor (batch, *size, channels) of the same dtype (`nearest`, or floating images), float32
        for integer images that are blended. Weights and blends are float32 (float64 for float64).

    Raises:
        ValueError: unknown alignment, or images that have not four axes.
    """
    check_alignment(alignment)
    images = ops.convert_to_tensor(images)
    if len(images.shape) != 4:
        raise ValueError(
            "images must have the axes (batch, rows, columns, channels); found the shape "
            f"{tuple(images.shape)}. Add the missing axes with ops.expand_dims."
        )
    here = ops.shape(images)[1:3]
    if alignment == "nearest":
        for axis, (n, m) in enumerate(zip(here, size, strict=True), start=1):
            images = ops.take(images, _nearest(n, m), axis=axis)
        return images
    dtype = backend.standardize_dtype(images.dtype)
    precise = "float64" if dtype == "float64" else "float32"
    result = ops.cast(images, precise)
    for axis, (n, m) in enumerate(zip(here, size, strict=True), start=1):
        if isinstance(n, int) and isinstance(m, int) and n == m:
            continue  # every alignment is then the identity
        low, high, weight = _neighbours(n, m, alignment, precise)
        weight = ops.reshape(weight, (-1, 1, 1) if axis == 1 else (-1, 1))
        lower, upper = ops.take(result, low, axis=axis), ops.take(result, high, axis=axis)
        result = lower + (upper - lower) * weight
    return ops.cast(result, dtype) if backend.is_float_dtype(dtype) else result


def _neighbours(n: Any, m: Any, alignment: str, dtype: str) -> tuple[Any, Any, Any]:
    """Lower and upper neighbour of every output pixel, and the weight of the upper one.

    The place is kept as a ratio of integers, so that no rounding moves a pixel.
    """
    o = ops.arange(m, dtype="int32")
    if alignment == "half_pixel":
        above, below = (2 * o + 1) * n - m, 2 * m
    elif alignment == "asymmetric":
        above, below = o * n, m
    elif alignment == "align_corners":
        above, below = o * (n - 1), ops.maximum(m - 1, 1)
    else:
        above, below = (o - ops.maximum((m - n) // (2 * n), 0)) * n, m
    above = ops.minimum(ops.maximum(above, 0), (n - 1) * below)
    low = above // below
    weight = ops.cast(above - low * below, dtype) / ops.cast(below, dtype)
    return low, ops.minimum(low + 1, n - 1), weight


def _nearest(n: Any, m: Any) -> Any:
    """Source of every output pixel; the product is rounded to float32 before the floor, as torch
    does, which decides between two rows where o n/m is almost an integer.
    """
    scale = ops.cast(n, "float32") / ops.cast(m, "float32")
    place = ops.floor(ops.arange(m, dtype="float32") * scale)
    return ops.minimum(ops.cast(place, "int32"), n - 1)
