"""Optimisers with the decay of weights inside the gradient, as Caffe, Theano and torch have it.

Keras takes `weight_decay` times the learning rate off the weight itself. Those programs add decay
times the weight to the gradient, so that it goes through momentum or second moments as well: of
plain SGD the two are the same, of the others not. Caffe also lets layers learn faster than others,
which is a factor of the learning rate here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import keras
from keras import ops

VELOCITIES = ("keras", "torch")


class _Coupled(keras.optimizers.Optimizer):
    """What is added to an optimiser: decay in the gradient and factors of the learning rate.

    Args:
        decay: added to the gradient, times the weight.
        spared: patterns of the paths of weights that do not decay, for instance `"*/bias"`.
        faster: pattern of paths -> factor of the learning rate; the first that fits counts.
        kwargs: of the optimiser.
    """

    def __init__(
        self,
        *args: Any,
        decay: float = 0.0,
        spared: Sequence[str] = (),
        faster: Mapping[str, float] | None = None,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.decay = float(decay)
        self.spared = list(spared)
        self.faster = dict(faster or {})

    def build(self, variables: Any) -> None:
        """Make the optimiser's variables; decays and factors by the paths of the weights.

        Raises:
            ValueError: a pattern that fits no weight.
        """
        if self.built:
            return
        paths = [variable.path for variable in variables]
        for pattern in (*self.spared, *self.faster):
            if not any(fnmatchcase(path, pattern) for path in paths):
                raise ValueError(
                    f"no weight that trains is called {pattern!r}; the first are "
                    f"{', '.join(paths[:4])}. Give the path of a weight, for instance '*/bias'."
                )
        spared = [any(fnmatchcase(path, p) for p in self.spared) for path in paths]
        self._decays = [0.0 if free else self.decay for free in spared]
        self._factors = [
            next((f for p, f in self.faster.items() if fnmatchcase(path, p)), 1.0) for path in paths
        ]
        super().build(variables)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One step of one variable."""
        at = self._get_variable_index(variable)
        if self._decays[at]:
            gradient = ops.cast(gradient, variable.dtype) + self._decays[at] * variable
        if self._factors[at] != 1:
            learning_rate = learning_rate * self._factors[at]
        super().update_step(gradient, variable, learning_rate)

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        own = {"decay": self.decay, "spared": list(self.spared), "faster": dict(self.faster)}
        return {**super().get_config(), **own}


class _SGD(keras.optimizers.SGD):
    """Keras' SGD with the momentum as a variable and torch's velocity."""

    def __init__(self, *args: Any, velocity: str = "keras", **kwargs: Any):
        super().__init__(*args, **kwargs)
        if velocity not in VELOCITIES:
            raise ValueError(
                f"velocity must be one of {', '.join(VELOCITIES)}; found {velocity!r}. Choose one."
            )
        self.velocity = velocity
        # a variable, since a number would be a constant of the compiled step
        self.moving_momentum = self.add_variable(
            (), initializer=keras.initializers.Constant(self.momentum), name="moving_momentum"
        )

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One step of one variable."""
        if not self.momentums:
            super().update_step(gradient, variable, learning_rate)
            return
        rate = ops.cast(learning_rate, variable.dtype)
        momentum = ops.cast(self.moving_momentum, variable.dtype)
        push = ops.cast(gradient, variable.dtype)
        inside, outside = (rate, 1.0) if self.velocity == "keras" else (1.0, rate)
        v = self.momentums[self._get_variable_index(variable)]
        self.assign(v, momentum * v + inside * push)
        step = momentum * v + inside * push if self.nesterov else v
        self.assign_sub(variable, outside * step)


@keras.saving.register_keras_serializable(package="keras_saliency")
class CoupledSGD(_Coupled, _SGD):
    """SGD with decay in the gradient, and a momentum that may change from epoch to epoch.

    With g = gradient + decay w, momentum m and rate r, `velocity="keras"` (and Caffe, Lasagne) is
    v = m v + r g, w -= v; `"torch"` is v = m v + g, w -= r v, so that a lower rate holds at once
    for what was gathered before. Nesterov's form takes off m v + r g, or r (m v + g), instead.

    Example: w = 1, gradient 1, decay 0.5, rate 0.1: the first step is 0.15.

    Args:
        learning_rate: a number or schedule.
        momentum: in [0, 1]; `moving_momentum`, a variable, may change it later if it is not 0.
        nesterov: Nesterov's form.
        velocity: `"keras"` or `"torch"`.
        name: of the optimiser.
        kwargs: decay, spared and faster, and Keras' own, such as clipnorm.

    Raises:
        ValueError: another velocity.
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        velocity: str = "keras",
        name: str = "coupled_sgd",
        **kwargs: Any,
    ):
        super().__init__(
            learning_rate=learning_rate,
            momentum=momentum,
            nesterov=nesterov,
            velocity=velocity,
            name=name,
            **kwargs,
        )

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "velocity": self.velocity}


@keras.saving.register_keras_serializable(package="keras_saliency")
class CoupledAdam(_Coupled, keras.optimizers.Adam):
    """Adam with decay in the gradient; arguments as Keras' Adam, and decay, spared and faster."""


@keras.saving.register_keras_serializable(package="keras_saliency")
class CoupledRMSprop(_Coupled, keras.optimizers.RMSprop):
    """RMSprop with decay in the gradient; arguments as Keras' RMSprop, and those of the decay."""


@keras.saving.register_keras_serializable(package="keras_saliency")
class CoupledAdagrad(_Coupled, keras.optimizers.Adagrad):
    """Adagrad with decay in the gradient; arguments as Keras' Adagrad, and those of the decay."""
