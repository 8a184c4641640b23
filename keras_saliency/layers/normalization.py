"""Normalisations that TensorFlow Addons had: of a layer's response and of a layer's weights.

Instance and group normalisation are Keras' own: `keras.layers.GroupNormalization`, with
`groups=-1` for instances.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class FilterResponseNormalization(keras.layers.Layer):
    """gamma x / sqrt(nu2 + epsilon) + beta, nu2 being the mean of x^2 over rows and columns.

    Neither the batch nor other channels take part, and no mean is subtracted. The thresholded
    activation that the paper puts behind it is not part of it, as in TensorFlow Addons; sizes may
    be unknown, which they could not be there. Computed in float32.

    Example: [[3, 4]] in one channel has nu2 = 12.5 and becomes [[0.8485, 1.1314]].

    Args:
        epsilon: added to nu2, positive.
        beta_initializer: of beta, (channels,).
        gamma_initializer: of gamma, (channels,).

    Shapes:
        (batch, rows, columns, channels) to the same.

    Raises:
        ValueError: epsilon not positive, or an input without four axes.

    Reference:
        Singh, Krishnan, "Filter response normalization layer", CVPR 2020.
    """

    def __init__(
        self,
        epsilon: float = 1e-6,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if not epsilon > 0:
            raise ValueError(f"epsilon must be positive; found {epsilon}. Give 1e-6.")
        self.epsilon = epsilon
        self.beta_initializer = keras.initializers.get(beta_initializer)
        self.gamma_initializer = keras.initializers.get(gamma_initializer)

    def build(self, input_shape: Any) -> None:
        if len(input_shape) != 4:
            raise ValueError(
                "the input must have the axes (batch, rows, columns, channels); found the shape "
                f"{tuple(input_shape)}. Add the missing axes."
            )
        self.gamma, self.beta = (
            self.add_weight(
                name=name, shape=(input_shape[-1],), initializer=initializer, autocast=False
            )
            for name, initializer in (
                ("gamma", self.gamma_initializer),
                ("beta", self.beta_initializer),
            )
        )

    def call(self, inputs: Any) -> Any:
        x = ops.cast(inputs, "float32")
        nu2 = ops.mean(ops.square(x), axis=(1, 2), keepdims=True)
        return ops.cast(
            self.gamma.value * x * ops.rsqrt(nu2 + self.epsilon) + self.beta.value, inputs.dtype
        )

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "beta_initializer": keras.initializers.serialize(self.beta_initializer),
            "gamma_initializer": keras.initializers.serialize(self.gamma_initializer),
        }


@keras.saving.register_keras_serializable(package="keras_saliency")
class WeightNormalization(keras.layers.Wrapper):
    """Runs a layer with the kernel g v/|v|: v is the layer's kernel, g one number for each output.

    |v| is the norm over all axes but the last, and g starts as |v|, so that the start is the plain
    layer. With `data_init`, the first batch that the layer meets, in training or not, sets
    g = 1/sqrt(variance + 1e-10) and bias = -mean/sqrt(variance + 1e-10) of what the layer gives
    with the kernel v and no bias. That is what TensorFlow Addons computes; the paper divides by |v|
    there too, so that outputs start with variance 1.

    The change by the first batch is kept in weights that are not trained, `g_shift` and
    `bias_shift`, which are added to g and the bias; optimisers see it as part of neither.

    Example: Dense(1) with v = (3, 4) and g = 10 multiplies by (6, 8).

    Args:
        layer: with `kernel` and perhaps `bias` and `activation`: Dense, Conv2D and the like.
        data_init: whether the first batch sets g and the bias. (TensorFlow Addons: by default.)

    Shapes:
        Those of the layer.

    Raises:
        ValueError: on building, a layer without a kernel.

    Reference:
        Salimans, Kingma, "Weight normalization", NIPS 2016.
    """

    def __init__(self, layer: keras.layers.Layer, data_init: bool = False, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.data_init = data_init

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        if getattr(self.layer, "kernel", None) is None:
            raise ValueError(
                f"the layer must have a kernel; found {type(self.layer).__name__}. "
                "Wrap the Dense or convolution layers themselves."
            )
        units = (self.layer.kernel.shape[-1],)
        self.g = self.add_weight(
            name="g",
            shape=units,
            initializer=lambda shape, dtype: ops.cast(_norm(self._v()), dtype),
            autocast=False,
        )
        if self.data_init:
            self.ready, self.g_shift, self.bias_shift = (
                self.add_weight(
                    name=name, shape=shape, initializer="zeros", trainable=False, autocast=False
                )
                for name, shape in (("ready", ()), ("g_shift", units), ("bias_shift", units))
            )

    def call(self, inputs: Any) -> Any:
        if self.data_init:
            self._meet(inputs)
        return self._run(inputs, *self._present())

    @property
    def gain(self) -> Any:
        """The present g, (outputs,)."""
        return self.g.value + self.g_shift.value if self.data_init else self.g.value

    def remove(self) -> keras.layers.Layer:
        """The wrapped layer, its kernel and bias set to those that are in use."""
        kernel, bias = self._present()
        self.layer.kernel.assign(kernel)
        if bias is not None:
            self.layer.bias.assign(bias)
        return self.layer

    def _v(self) -> Any:
        return ops.cast(self.layer.kernel.value, "float32")

    def _bias(self) -> Any:
        bias = getattr(self.layer, "bias", None)
        return None if bias is None else ops.cast(bias.value, "float32")

    def _present(self) -> tuple[Any, Any]:
        v, bias = self._v(), self._bias()
        if self.data_init and bias is not None:
            bias = bias + self.bias_shift.value
        return self.gain * v / _norm(v), bias

    def _run(self, inputs: Any, kernel: Any, bias: Any) -> Any:
        """The layer's outputs with another kernel and bias."""
        held = {id(self.layer.kernel): kernel}
        if bias is not None:
            held[id(self.layer.bias)] = bias
        trained, fixed = (
            [held.get(id(v), v.value) for v in variables]
            for variables in (self.layer.trainable_variables, self.layer.non_trainable_variables)
        )
        outputs, _ = self.layer.stateless_call(trained, fixed, inputs)
        return outputs

    def _meet(self, inputs: Any) -> None:
        """Set the shifts by the first batch; later ones leave them."""
        g_shift, bias_shift = ops.cond(
            self.ready.value > 0,
            lambda: (self.g_shift.value, self.bias_shift.value),
            lambda: self._shifts(inputs),
        )
        self.g_shift.assign(g_shift)
        self.bias_shift.assign(bias_shift)
        self.ready.assign(ops.ones(()))

    def _shifts(self, inputs: Any) -> tuple[Any, Any]:
        bias = self._bias()
        activation = getattr(self.layer, "activation", None)
        try:
            self.layer.activation = None
            plain = self._run(inputs, self._v(), None if bias is None else ops.zeros_like(bias))
        finally:
            self.layer.activation = activation
        plain = ops.cast(plain, "float32")
        mean, variance = ops.moments(plain, axes=tuple(range(len(plain.shape) - 1)))
        scale = ops.rsqrt(variance + 1e-10)
        shift = -mean * scale - (0 if bias is None else bias)
        return ops.stop_gradient(scale - self.g.value), ops.stop_gradient(shift)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict:
        return {**super().get_config(), "data_init": self.data_init}


def _norm(v: Any) -> Any:
    """Norm over all axes but the last; the floor keeps the slope of a zero kernel finite."""
    squares = ops.sum(ops.square(v), axis=tuple(range(len(v.shape) - 1)))
    return ops.sqrt(ops.maximum(squares, 1e-12))
