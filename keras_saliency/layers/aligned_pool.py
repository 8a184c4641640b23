"""Pooling layers in the alignments of TensorFlow, Theano, Caffe and torch.

Window i covers the samples s i - p ... s i - p + k - 1; samples outside the image are ignored, also
in the divisor of the mean. The frameworks differ in p and in the number of windows:

| alignment | p | windows for n samples |
|---|---|---|
| `tf` ("same") | half of what is missing, rounded down | ceil(n/s) |
| `theano` ("same" of Keras 1) | k - 1 for even k, k - 2 for odd k | ceil(n/s) |
| `valid` (also Lasagne) | 0 | floor((n - k)/s) + 1 |
| `caffe` | given | ceil((n + 2p - k)/s) + 1, less one if the last starts beyond n + p |
| `torch` | given | floor((n + 2p - k)/s) + 1 |
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_saliency.ops.pair import whole_pair

_ALIGNMENTS = ("tf", "theano", "valid", "caffe", "torch")


class _AlignedPooling2D(keras.layers.Layer):
    """Arguments and geometry of both layers."""

    def __init__(
        self,
        pool_size: int | tuple[int, int] = 2,
        strides: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        alignment: str = "tf",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.pool_size = whole_pair("pool_size", pool_size)
        self.strides = self.pool_size if strides is None else whole_pair("strides", strides)
        self.padding = whole_pair("padding", padding, least=0)
        if alignment not in _ALIGNMENTS:
            raise ValueError(
                f"alignment must be one of {', '.join(_ALIGNMENTS)}; found {alignment!r}. "
                "Choose that of the framework to be reproduced."
            )
        if alignment not in ("caffe", "torch") and any(self.padding):
            raise ValueError(
                f"the alignment {alignment!r} has a padding of its own; found padding={padding!r}. "
                'Leave it out, or use alignment="torch" or "caffe".'
            )
        if any(p >= k for p, k in zip(self.padding, self.pool_size, strict=True)):
            raise ValueError(
                f"padding must be smaller than pool_size {self.pool_size}, else a window holds no "
                f"sample; found {padding!r}. Reduce it."
            )
        self.alignment = alignment

    def _around(self, axis: int) -> int:
        """Padding before the first sample of rows (0) or columns (1); not for `tf`."""
        k = self.pool_size[axis]
        if self.alignment == "theano":
            return k - 1 if k % 2 == 0 else max(k - 2, 0)
        return self.padding[axis]

    def _windows(self, n: Any, axis: int) -> Any:
        """Number of windows for n samples, an integer or an integer tensor."""
        k, s, p = self.pool_size[axis], self.strides[axis], self._around(axis)
        if self.alignment in ("tf", "theano"):
            return (n + s - 1) // s
        if self.alignment == "caffe":
            rounded_up = (n + 2 * p - k + s - 1) // s + 1
            starting_inside = (n + p + s - 1) // s
            if isinstance(n, int):
                return min(rounded_up, starting_inside)
            return ops.minimum(rounded_up, starting_inside)
        return (n + 2 * p - k) // s + 1

    def _padded(self, inputs: Any, constant: float) -> Any:
        """Inputs with what the windows need around them; a valid pooling does the rest."""
        around = []
        for axis, n in enumerate(ops.shape(inputs)[1:3]):
            before = self._around(axis)
            reach = (self._windows(n, axis) - 1) * self.strides[axis] + self.pool_size[axis]
            after = reach - before - n
            after = max(after, 0) if isinstance(after, int) else ops.maximum(after, 0)
            around.append((before, after))
        if all(isinstance(after, int) and before == after == 0 for before, after in around):
            return inputs
        return ops.pad(inputs, ((0, 0), *around, (0, 0)), constant_values=constant)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        sides = []
        for axis, n in enumerate(input_shape[1:3]):
            windows = None if n is None else self._windows(n, axis)
            if windows is not None and windows < 1:
                raise ValueError(
                    f"expected at least {self.pool_size[axis]} samples on axis {axis + 1} for one "
                    f"window; found {n}. Use a larger image or fewer poolings."
                )
            sides.append(windows)
        return (input_shape[0], *sides, input_shape[3])

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
            "alignment": self.alignment,
        }


@keras.saving.register_keras_serializable(package="keras_saliency")
class AlignedMaxPooling2D(_AlignedPooling2D):
    """Maximum of each window, aligned as a framework of choice does it.

    Example: on -1, -2, ..., -8 with windows of 2 and stride 2, `tf` gives -1 -3 -5 -7 and `theano`
    -1 -2 -4 -6. 73 samples with windows of 2 become 37 under `caffe`, 36 under `torch`.

    Args:
        pool_size: k, a number or (rows, columns).
        strides: s, likewise; k unless given.
        padding: p, likewise; only for `caffe` and `torch`.
        alignment: `tf`, `theano`, `valid`, `caffe` or `torch`: the table of this module.

    Shapes:
        (batch, rows, columns, channels) to (batch, windows, windows, channels).

    Raises:
        ValueError: unknown alignment, a padding that the alignment has not, or as wide as a window.
    """

    def call(self, inputs: Any) -> Any:
        same = self.alignment == "tf"
        return ops.max_pool(
            inputs if same else self._padded(inputs, float("-inf")),
            self.pool_size,
            self.strides,
            padding="same" if same else "valid",
            data_format="channels_last",
        )


@keras.saving.register_keras_serializable(package="keras_saliency")
class AlignedAveragePooling2D(_AlignedPooling2D):
    """Mean of the samples of each window that lie in the image, aligned as a framework does it.

    Example: on 1, 2, ..., 8 with windows of 2 and stride 2, `tf` gives 1.5 3.5 5.5 7.5 and `theano`
    1 2.5 4.5 6.5 (its first window holds one sample).

    Args:
        pool_size: k, a number or (rows, columns).
        strides: s, likewise; k unless given.
        padding: p, likewise; only for `caffe` and `torch`.
        alignment: `tf`, `theano`, `valid`, `caffe` or `torch`: the table of this module.

    Shapes:
        (batch, rows, columns, channels) to (batch, windows, windows, channels).

    Raises:
        ValueError: unknown alignment, a padding that the alignment has not, or as wide as a window.
    """

    def call(self, inputs: Any) -> Any:
        if self.alignment == "tf":
            return self._mean(inputs, "same")
        padded = self._padded(inputs, 0.0)
        mean = self._mean(padded, "valid")
        if padded is inputs:
            return mean
        share = self._mean(self._padded(ops.ones_like(inputs[:1, :, :, :1]), 0.0), "valid")
        return mean / share

    def _mean(self, values: Any, padding: str) -> Any:
        return ops.average_pool(
            values, self.pool_size, self.strides, padding=padding, data_format="channels_last"
        )
