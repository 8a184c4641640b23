"""An LSTM that walks over a map along its rows and then along its columns (DSCLRCN)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

AXES = ("row", "column")
COLUMN_ORDERS = ("paper", "released")


@keras.saving.register_keras_serializable(package="keras_saliency")
class SpatialLSTM(keras.layers.Layer):
    """`[x, context]` -> x seen from four sides.

    Every row of x is a sequence that one LSTM reads from left to right and from right to left; the
    two results stand side by side. Of these every column is read in the same way by a second LSTM.
    From h = c = 0 a step computes

        i, f, o, g = W x + b + U h        (at the first step also + V context)
        c <- sigmoid(f + 1) c + sigmoid(i) tanh(g),   h <- sigmoid(o) tanh(c)

    Computed in float32. Liu and Han, "A Deep Spatial Contextual Long-term Recurrent Convolutional
    Network for Saliency Detection", IEEE TIP 2018; gates in the order of nian-liu/DSCLRCN.

    Example: one unit and all weights 0 but b = 1 for g: seen from the side where the reading
    starts, h is .5 tanh(c) with c = .3808, .6592, .8627 at the first three places.

    Args:
        units: h of each direction.
        column_order: `"paper"` reads columns downwards and upwards; `"released"` reads them upwards
            twice, as the released code does by mistake, so that two quarters of its result agree.
        kernel_initializer: of W, U and V; uniform within 0.2 unless given.

    Shapes:
        (batch, rows, columns, channels) and (batch, any) to (batch, rows, columns, 2 units).

    Raises:
        ValueError: another order of columns.
    """

    def __init__(
        self,
        units: int,
        column_order: str = "paper",
        kernel_initializer: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if column_order not in COLUMN_ORDERS:
            raise ValueError(
                f"column_order must be one of {', '.join(COLUMN_ORDERS)}; found {column_order!r}. "
                "Choose one."
            )
        self.units = units
        self.column_order = column_order
        self.kernel_initializer = keras.initializers.get(
            kernel_initializer or keras.initializers.RandomUniform(-0.2, 0.2)
        )
        self.row_reader, self.column_reader = (self._reader(f"{axis}s") for axis in AXES)

    def build(self, input_shape: Any) -> None:
        x, context = input_shape
        for axis, channels in zip(AXES, (x[-1], 2 * self.units), strict=True):
            self._add(f"{axis}_kernel", (channels, 4 * self.units), self._fresh())
            self._add(f"{axis}_context_kernel", (context[-1], 4 * self.units), self._fresh())
            self._add(f"{axis}_bias", (4 * self.units,), "zeros")
            getattr(self, f"{axis}_reader").build((None, None, 4 * self.units))

    def _reader(self, name: str) -> Any:
        precise = "float64" if self.compute_dtype == "float64" else "float32"
        cell = _Reader(self.units, self._fresh(), dtype=precise, name="step")
        return keras.layers.RNN(cell, return_sequences=True, dtype=precise, name=name)

    def _add(self, name: str, shape: tuple, initializer: Any) -> None:
        weight = self.add_weight(name=name, shape=shape, initializer=initializer, autocast=False)
        setattr(self, name, weight)

    def _fresh(self) -> Any:
        """A copy of the initializer: one gives the same numbers at every call."""
        own = self.kernel_initializer
        return type(own).from_config(own.get_config())

    def call(self, inputs: Any) -> Any:
        x, context = inputs
        wide = keras.backend.result_type(x.dtype, "float32")
        x, context = ops.cast(x, wide), ops.cast(context, wide)
        x = ops.concatenate(self._along_rows(x, context, "row"), axis=-1)
        turned = ops.transpose(x, (0, 2, 1, 3))
        down, up = self._along_rows(turned, context, "column")
        first = down if self.column_order == "paper" else up
        x = ops.transpose(ops.concatenate([first, up], axis=-1), (0, 2, 1, 3))
        return ops.cast(x, self.compute_dtype)

    def _along_rows(self, x: Any, context: Any, axis: str) -> tuple[Any, Any]:
        """Both directions' h, each (batch, rows, columns, units)."""
        kernel, from_context, bias = (
            ops.cast(getattr(self, f"{axis}_{part}"), x.dtype)
            for part in ("kernel", "context_kernel", "bias")
        )
        batch, rows, columns, _ = ops.shape(x)
        gates = ops.matmul(x, kernel) + bias
        # the mirrored picture is more sequences for the same LSTM
        gates = ops.stack([gates, ops.flip(gates, axis=2)])
        at_start = ops.cast(ops.arange(columns) == 0, x.dtype)
        start = ops.matmul(context, from_context)[None, :, None, None]
        gates = gates + at_start[:, None] * start
        h = getattr(self, f"{axis}_reader")(ops.reshape(gates, (-1, columns, 4 * self.units)))
        ahead, back = ops.unstack(ops.reshape(h, (2, batch, rows, columns, self.units)), 2)
        return ahead, ops.flip(back, axis=2)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape[0][:3], 2 * self.units)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "units": self.units,
            "column_order": self.column_order,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }


class _Reader(keras.layers.Layer):
    """One step of the LSTM, given what the place and the context add to its gates."""

    def __init__(self, units: int, initializer: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.units = units
        self.initializer = initializer
        self.state_size = (units, units)
        self.output_size = units

    def build(self, input_shape: Any) -> None:
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel",
            shape=(self.units, 4 * self.units),
            initializer=self.initializer,
        )

    def call(self, gates: Any, states: Any) -> tuple[Any, list[Any]]:
        h, c = states
        i, f, o, g = ops.split(gates + ops.matmul(h, self.recurrent_kernel), 4, axis=-1)
        c = ops.sigmoid(f + 1) * c + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(c)
        return h, [h, c]
