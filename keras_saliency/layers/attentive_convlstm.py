"""Attentive convolutional LSTM of SAM (Cornia et al., IEEE TIP 2018; attentive_convlstm.py)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

_GATES = "ifco"


@keras.saving.register_keras_serializable(package="keras_saliency")
class AttentiveConvLSTM2D(keras.layers.Layer):
    """Refine a feature map in a few steps, each looking at an attended copy of the same map.

    From h = c = 0, with convolutions `*` of the same padding, every step computes

        e = V_a * tanh(W_a * h + U_a * x)         a = softmax of e over all places
        z = x a                                   i, f, o = sigmoid(W * z + U * h)
        g = tanh(W_c * z + U_c * h)               c <- f c + i g,   h <- o tanh(c)

    and the last h is the output. Every kernel but V_a has its bias, so that each gate has two, as
    in the released weights; W_a acts on h and U_a on x, the gates the other way round, as there.
    V_a starts at zero, so attention starts uniform at 1/(rows columns) and is not rescaled.

    Example: all kernels and biases 0 but the bias of W_c at 1: after 1 to 4 steps h is .181700,
    .258118, .291302, .306588. 512 filters on 512 channels have 23,602,688 parameters.

    Args:
        filters: channels of h, and of the attention's hidden layer.
        kernel_size: of every convolution, odd.
        steps: how often h is refined.
        kernel_initializer: of W_i, W_f, W_c, W_o, W_a, U_a. An initializer with an integer seed
            gives all gates the same start.
        recurrent_initializer: of U_i, U_f, U_c, U_o; orthogonal times 1.1 unless given.

    Shapes:
        (batch, rows, columns, channels) to (batch, rows, columns, filters).

    Raises:
        ValueError: even kernel, no step, channels unknown.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        steps: int = 4,
        kernel_initializer: Any = None,
        recurrent_initializer: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if kernel_size % 2 == 0:
            raise ValueError(
                f"kernel_size must be odd, so that a place has a middle; found {kernel_size}. "
                f"Use {kernel_size + 1}."
            )
        if steps < 1:
            raise ValueError(f"steps must be at least 1; found {steps}. SAM takes 4.")
        self.filters = filters
        self.kernel_size = kernel_size
        self.steps = steps
        self.kernel_initializer = keras.initializers.get(
            kernel_initializer or keras.initializers.RandomNormal(stddev=0.05)
        )
        self.recurrent_initializer = keras.initializers.get(
            recurrent_initializer or keras.initializers.Orthogonal(gain=1.1)
        )

    def build(self, input_shape: Any) -> None:
        channels, filters = input_shape[-1], self.filters
        if channels is None:
            raise ValueError(
                f"the channels must be known; found the shape {tuple(input_shape)}. "
                "Fix the last axis of the input."
            )
        for gate in _GATES:
            self._add(f"W_{gate}", channels, filters, self.kernel_initializer)
            self._add(f"U_{gate}", filters, filters, self.recurrent_initializer)
        self._add("W_a", filters, filters, self.kernel_initializer)
        self._add("U_a", channels, filters, self.kernel_initializer)
        self.V_a = self.add_weight(
            name="V_a", shape=(self.kernel_size, self.kernel_size, filters, 1), initializer="zeros"
        )

    def _add(self, name: str, channels: int, filters: int, initializer: Any) -> None:
        kernel = self.add_weight(
            name=name,
            shape=(self.kernel_size, self.kernel_size, channels, filters),
            # a fresh copy: one initializer gives the same numbers at every call
            initializer=type(initializer).from_config(initializer.get_config()),
        )
        bias = self.add_weight(name=f"b{name}", shape=(filters,), initializer="zeros")
        setattr(self, name, kernel)
        setattr(self, f"b{name}", bias)

    def _joined(self, *names: str) -> Any:
        parts = [ops.convert_to_tensor(getattr(self, name)) for name in names]
        return ops.concatenate(parts, axis=-1)

    def call(self, inputs: Any) -> Any:
        # what acts on the same tensor is one convolution: four on z, five on h
        on_z = self._joined(*(f"W_{gate}" for gate in _GATES))
        bias = self._joined(*(f"bW_{gate}" for gate in _GATES))
        on_h = self._joined("W_a", *(f"U_{gate}" for gate in _GATES))
        bias_h = self._joined("bW_a", *(f"bU_{gate}" for gate in _GATES))
        hidden = _convolve(inputs, self.U_a) + self.bU_a
        h: Any = None
        c: Any = None
        for _ in range(self.steps):
            # in the first step h is 0, so that its convolutions are their biases
            from_h = bias_h if h is None else _convolve(h, on_h) + bias_h
            energy = _convolve(ops.tanh(from_h[..., : self.filters] + hidden), self.V_a)
            gates = _convolve(_attended(inputs, energy), on_z) + bias + from_h[..., self.filters :]
            i, f, g, o = ops.split(gates, 4, axis=-1)
            new = ops.sigmoid(i) * ops.tanh(g)
            c = new if c is None else ops.sigmoid(f) * c + new
            h = ops.sigmoid(o) * ops.tanh(c)
        return h

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape[:3], self.filters)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "steps": self.steps,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "recurrent_initializer": keras.initializers.serialize(self.recurrent_initializer),
        }


def _convolve(values: Any, kernel: Any) -> Any:
    return ops.conv(values, kernel, padding="same", data_format="channels_last")


def _attended(inputs: Any, energy: Any) -> Any:
    """Inputs times the softmax of the energy over all places, which needs float32."""
    batch, rows, columns, _ = ops.shape(energy)
    flat = ops.reshape(ops.cast(energy, "float32"), (batch, rows * columns))
    attention = ops.reshape(ops.softmax(flat, axis=-1), (batch, rows, columns, 1))
    return ops.cast(ops.cast(inputs, "float32") * attention, inputs.dtype)
