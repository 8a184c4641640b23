"""Batches of one-channel maps, and their form for the kit's metrics under `keras.ops`.

Losses and metrics take what networks give, (batch, rows, columns[, 1]) in any precision, and need
it as the kit's formulas take it: (batch, rows, columns) in float32 or wider.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from keras import backend, ops

from benchmark_kit.prepared.forms import PixelMap
from benchmark_kit.xp import keras_namespace


def wide(values: Any, dtype: str | None = None) -> Any:
    """The tensor in `dtype`; without one in float32, or float64 where it is that already."""
    values = ops.convert_to_tensor(values)
    own = backend.standardize_dtype(values.dtype)
    return ops.cast(values, dtype or ("float64" if own == "float64" else "float32"))


def planes(values: Any, name: str, *channels: int, dtype: str | None = None) -> list[Any]:
    """The channels of a batch of maps, one tensor (batch, rows, columns) each.

    Args:
        values: tensor (batch, rows, columns) or (batch, rows, columns, channels).
        name: what the caller calls it, for messages.
        channels: numbers of channels that are fine.
        dtype: float32 or float64; see `wide`.

    Raises:
        ValueError: another number of axes or channels.
    """
    values = wide(values, dtype)
    shape = tuple(values.shape)
    found = {3: 1, 4: shape[-1]}.get(len(shape))
    if found not in channels:
        wanted = " or ".join(f"(batch, rows, columns, {c})" for c in channels)
        raise ValueError(
            f"{name} must have the shape {wanted}; found {shape}. "
            "Stack the maps of one image as channels, the density before the fixations."
        )
    return [values] if len(shape) == 3 else [values[..., channel] for channel in range(found)]


def check_sizes(y_true: Any, y_pred: Any) -> None:
    """Raise ValueError if two batches of maps are known to differ in rows or columns."""
    pairs = zip(y_true.shape[1:3], y_pred.shape[1:3], strict=True)
    if any(a is not None and b is not None and a != b for a, b in pairs):
        raise ValueError(
            f"y_true must have the size of y_pred, {tuple(y_pred.shape[1:3])}; found "
            f"{tuple(y_true.shape[1:3])}. Resize the targets to the network's output."
        )


class BatchMap(PixelMap):
    """A batch of maps in the kit's prepared form, with finite gradients on constant maps.

    Every pixel is a point of it: the mask that the kit's NSS and IG take is then a map that says
    how often each pixel is fixated, (batch, rows * columns).

    Args:
        pixels: float tensor (batch, rows, columns), sizes may be unknown.
    """

    def __init__(self, pixels: Any):
        rows, columns = ops.shape(pixels)[1:]
        n = rows * columns
        n = n if isinstance(n, int) else ops.cast(n, pixels.dtype)
        super().__init__(pixels, keras_namespace(), n)

    @cached_property
    def flat(self) -> Any:
        """Pixels in row-major order, shape (batch, n)."""
        return flatten(self.pixels)

    @cached_property
    def squares(self) -> Any:
        """Sum of the squared deviations, shape (batch, 1); 1 where it is zero."""
        # a root has no slope at zero; what is undefined there, the metrics decide by other means
        squares = super().squares
        return ops.where(squares > 0, squares, ops.ones_like(squares))

    @cached_property
    def constant(self) -> Any:
        """Whether all pixels of a map are equal, bool (batch,)."""
        return (self.low == self.high)[..., 0]

    def at(self, index: Any) -> Any:
        """Values at all pixels, whatever the index."""
        return self.flat


def flatten(pixels: Any) -> Any:
    """(batch, rows, columns) as (batch, rows * columns)."""
    if None in pixels.shape[1:]:
        return ops.reshape(pixels, (ops.shape(pixels)[0], -1))
    return ops.reshape(pixels, (-1, pixels.shape[1] * pixels.shape[2]))
