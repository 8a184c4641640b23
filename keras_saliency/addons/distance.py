"""Euclidean distance transform: how far every pixel lies from the nearest zero."""

from __future__ import annotations

from typing import Any

from keras import ops


def euclidean_dist_transform(images: Any) -> Any:
    """Exact distance, in pixels, from each pixel to the nearest pixel that is zero.

    First along the columns, then along the rows, the least of value + (difference of places)^2 is
    taken: the lower envelope of parabolas (Felzenszwalb and Huttenlocher, 2012), here by trying
    every place. For n rows and m columns this takes n m (n + m) steps.

    Example: [[0, 1, 1], [1, 1, 1]] becomes [[0, 1, 2], [1, 1.414, 2.236]].

    Args:
        images: tensor (rows, columns), (rows, columns, 1) or (batch, rows, columns, 1) of any
            real dtype; what is not zero counts as one.

    Returns:
        float32 tensor of the same shape; infinite everywhere in an image without a zero (our
        choice).

    Raises:
        ValueError: more than one channel, or another rank.
    """
    images = ops.convert_to_tensor(images)
    rank = len(images.shape)
    if rank not in (2, 3, 4) or (rank > 2 and images.shape[-1] != 1):
        raise ValueError(
            "images must have the shape (rows, columns), (rows, columns, 1) or (batch, rows, "
            f"columns, 1); found {tuple(images.shape)}. Transform one channel at a time."
        )
    rows = {2: 0, 3: 0, 4: 1}[rank]
    zeros = ops.zeros(ops.shape(images), dtype="float32")
    squares = ops.where(ops.equal(images, 0), zeros, zeros + float("inf"))
    return ops.sqrt(_nearest(_nearest(squares, rows), rows + 1))


def _nearest(squares: Any, axis: int) -> Any:
    """For each place q of an axis the minimum over p of squares[p] + (p - q)^2."""
    squares = ops.moveaxis(squares, axis, 0)
    places = ops.cast(ops.arange(ops.shape(squares)[0]), "float32")
    column = ops.reshape(places, (-1, *[1] * (len(squares.shape) - 1)))
    found = ops.map(lambda q: ops.min(squares + ops.square(column - q), axis=0), places)
    return ops.moveaxis(found, 0, axis)
