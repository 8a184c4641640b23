"""Padding of images with scipy's words for borders; the padding may be wider than the image."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

BORDERS = ("reflect", "mirror", "nearest", "constant")


def check_border(border: str) -> str:
    """Return `border` if it is one of `BORDERS`, else raise ValueError."""
    if border not in BORDERS:
        raise ValueError(
            f"border must be one of {', '.join(BORDERS)} (scipy's words: reflect repeats the edge, "
            f"mirror does not); found {border!r}. Choose one of them."
        )
    return border


def pad(
    images: Any,
    padding: tuple[tuple[int, int], tuple[int, int]],
    border: str = "reflect",
    constant: float = 0.0,
) -> Any:
    """Pad rows and columns.

    | border | [1, 2, 3] with two on each side |
    |---|---|
    | `reflect` (edge repeated; numpy calls it symmetric) | 2 1 1 2 3 3 2 |
    | `mirror` (edge not repeated; OpenCV's reflect-101) | 3 2 1 2 3 2 1 |
    | `nearest` (edge replicated) | 1 1 1 2 3 3 3 |
    | `constant` | 0 0 1 2 3 0 0 |

    Args:
        images: tensor (batch, rows, columns, channels).
        padding: ((before, after) for rows, (before, after) for columns), not negative.
        border: one of `BORDERS`.
        constant: the value outside under `constant`.

    Returns:
        Tensor (batch, rows + sum, columns + sum, channels) of the same dtype.

    Raises:
        ValueError: unknown border.
    """
    check_border(border)
    images = ops.convert_to_tensor(images)
    if border == "constant":
        return ops.pad(images, ((0, 0), *padding, (0, 0)), constant_values=constant)
    for axis, (before, after) in enumerate(padding, start=1):
        if before or after:
            n = ops.shape(images)[axis]
            xp = np if isinstance(n, int) else ops  # a known size needs no work in the graph
            places = xp.arange(n + (before + after), dtype="int32") - before
            images = ops.take(images, _inside(places, n, border, xp), axis=axis)
    return images


def _inside(places: Any, n: Any, border: str, xp: Any) -> Any:
    """Fold places outside 0 ... n - 1 back, as often as needed."""
    if border == "nearest":
        return xp.minimum(xp.maximum(places, 0), n - 1)
    if border == "reflect":
        places = xp.maximum(places, -1 - places) % (2 * n)
        return xp.minimum(places, 2 * n - 1 - places)
    places = xp.abs(places) % xp.maximum(2 * (n - 1), 1)  # of one pixel, every place is 0
    return xp.minimum(places, 2 * (n - 1) - places)
