"""Optimisers of TensorFlow Addons that Keras lacks: LAMB, moving average, lookahead.

AdamW and SGDW are not among them: Keras' `AdamW` and `SGD(weight_decay=...)` take the same steps
when their weight decay is that of TensorFlow Addons divided by the learning rate, because Keras
multiplies the two. (Under a schedule the product then follows the schedule; there it did not.)

`MovingAverage` and `Lookahead` run on one device, under fit, `apply` and `stateless_apply`.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class LAMB(keras.optimizers.Lamb):
    """LAMB (You et al., ICLR 2020) whose weight decay is part of the trusted step.

    r = m/(1 - beta_1^t) / (sqrt(v/(1 - beta_2^t)) + epsilon) + weight_decay w and
    w -= learning_rate |w|/|r| r, the ratio being 1 where a norm is 0. Keras' own `Lamb` takes the
    decay off before and leaves it out of r; without decay the two are the same.

    Example: at the first step with epsilon 0, w = (3, 4) and gradients (1, 1), r is (1, 1), and
    w moves by learning_rate * 5/sqrt(2) each.

    Args:
        learning_rate: a number or schedule.
        weight_decay: of every variable.
        beta_1: of the mean gradient.
        beta_2: of the mean squared gradient.
        epsilon: added to the root.
        name: of the optimiser.
        kwargs: Keras' own, such as clipnorm.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.0,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-6,
        name: str = "lamb",
        **kwargs: Any,
    ):
        super().__init__(
            learning_rate=learning_rate,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            name=name,
            **kwargs,
        )
        self.decay = weight_decay

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One step of one variable."""
        dtype, at = variable.dtype, self._get_variable_index(variable)
        gradient, step = ops.cast(gradient, dtype), ops.cast(self.iterations + 1, dtype)
        m, v = self._momentums[at], self._velocities[at]
        self.assign_add(m, (gradient - m) * (1 - self.beta_1))
        self.assign_add(v, (ops.square(gradient) - v) * (1 - self.beta_2))
        mean = m / (1 - ops.power(ops.cast(self.beta_1, dtype), step))
        root = ops.sqrt(v / (1 - ops.power(ops.cast(self.beta_2, dtype), step)))
        r = mean / (root + self.epsilon) + self.decay * variable
        size, reach = ops.sqrt(ops.sum(ops.square(variable))), ops.sqrt(ops.sum(ops.square(r)))
        trusted = ops.logical_and(size > 0, reach > 0)
        ratio = ops.where(trusted, size / ops.where(trusted, reach, 1), 1)
        self.assign_sub(variable, ops.cast(learning_rate, dtype) * ratio * r)

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {**super().get_config(), "weight_decay": self.decay}


class _Around(keras.optimizers.Optimizer):
    """An optimiser that lets another make the step, and then does something to each variable."""

    slot: str

    def __init__(self, optimizer: Any, name: str):
        super().__init__(learning_rate=0.0, name=name)
        self.inner = keras.optimizers.get(optimizer)

    def build(self, variables: Any) -> None:
        """Build the inner optimiser, and one slot a variable that starts as the variable."""
        if self.built:
            return
        self.inner.build(variables)
        super().build(variables)
        self._slots = [
            self.add_variable_from_reference(
                variable,
                name=self.slot,
                # a copy, since JAX gives the buffers of variables away
                initializer=lambda shape, dtype, v=variable: ops.copy(ops.cast(v.value, dtype)),
            )
            for variable in variables
        ]

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """The inner optimiser's step, then our own."""
        if not self.built:
            self.build(list(trainable_variables))
        variables = (
            self._trainable_variables if trainable_variables is None else trainable_variables
        )
        step = ops.cast(self.inner.iterations, "int32")
        self._before(step, variables)
        self.inner.apply(grads, trainable_variables)
        self._after(step, variables)

    def _before(self, step: Any, variables: Any) -> None:
        """Nothing, unless the slots need the variables of before."""

    def _after(self, step: Any, variables: Any) -> None:
        raise NotImplementedError

    def _slot_of(self, variable: Any) -> Any:
        return self._slots[self._get_variable_index(variable)]

    @property
    def variables(self) -> list[Any]:
        """The own ones, then those of the inner optimiser."""
        return self._variables + self.inner.variables

    @property
    def iterations(self) -> Any:
        """Steps made."""
        return self.inner.iterations

    @property
    def learning_rate(self) -> Any:
        """That of the inner optimiser."""
        return self.inner.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self.inner.learning_rate = learning_rate

    def finalize_variable_values(self, var_list: Any) -> None:
        """Let the inner optimiser end."""
        self.inner.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        """The inner optimiser and the name; what else Keras offers is the inner one's."""
        return {"optimizer": keras.optimizers.serialize(self.inner), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Build it again."""
        inner = keras.optimizers.deserialize(config["optimizer"], custom_objects=custom_objects)
        return cls(**{**config, "optimizer": inner})


@keras.saving.register_keras_serializable(package="keras_saliency")
class MovingAverage(_Around):
    """Another optimiser's steps, with a running mean of the variables beside them.

    After step t (from 0) the average becomes d average + (1 - d) variable. d is `average_decay`,
    with `dynamic_decay` at most (1 + n)/(10 + n) for n = t - start_step, and 0 before `start_step`.
    The average starts as the variable before the first step; that of Keras' `use_ema` starts as the
    variable after it and lags less.

    Example: a variable that goes from 0 to 1 in the first step has the average 0.1 at decay 0.9.

    Args:
        optimizer: the one that makes the steps, an object, name or configuration.
        average_decay: in [0, 1].
        start_step: the first step to be averaged.
        dynamic_decay: whether the decay rises to average_decay.
        name: of the optimiser.

    Raises:
        ValueError: average_decay outside [0, 1].
    """

    slot = "average"

    def __init__(
        self,
        optimizer: Any,
        average_decay: float = 0.99,
        start_step: int = 0,
        dynamic_decay: bool = False,
        name: str = "moving_average",
    ):
        super().__init__(optimizer, name)
        if not 0 <= average_decay <= 1:
            raise ValueError(f"average_decay must lie in [0, 1]; found {average_decay}. Give 0.99.")
        self.average_decay = average_decay
        self.start_step = start_step
        self.dynamic_decay = dynamic_decay

    def _after(self, step: Any, variables: Any) -> None:
        n = ops.cast(step - self.start_step, "float32")
        decay = ops.full((), self.average_decay)
        if self.dynamic_decay:
            decay = ops.minimum(decay, (1 + n) / (10 + n))
        decay = ops.where(n < 0, 0.0, decay)
        for variable in variables:
            average = self._slot_of(variable)
            gap = average - variable
            self.assign_sub(average, ops.cast(1 - decay, average.dtype) * gap)

    def average(self, variable: Any) -> Any:
        """The running mean of a variable, a Keras variable of its shape."""
        return self._slot_of(variable)

    def assign_average_vars(self, variables: Any) -> None:
        """Put the averages in place of the variables."""
        for variable in variables:
            variable.assign(self._slot_of(variable).value)

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {
            **super().get_config(),
            "average_decay": self.average_decay,
            "start_step": self.start_step,
            "dynamic_decay": self.dynamic_decay,
        }


@keras.saving.register_keras_serializable(package="keras_saliency")
class Lookahead(_Around):
    """k steps of another optimiser forward, one step back (Zhang et al., NeurIPS 2019).

    After every `sync_period` steps slow += slow_step_size (variable - slow), and the variable is
    set to slow; slow starts as the variable before the first step.

    Example: two steps from 0 to 1 to 2 with period 2 and size 0.5 end at 1.

    Args:
        optimizer: the one that makes the steps, an object, name or configuration.
        sync_period: k, at least 1.
        slow_step_size: part of the way that is kept.
        name: of the optimiser.

    Raises:
        ValueError: sync_period below 1.
    """

    slot = "slow"

    def __init__(
        self,
        optimizer: Any,
        sync_period: int = 6,
        slow_step_size: float = 0.5,
        name: str = "lookahead",
    ):
        super().__init__(optimizer, name)
        if sync_period < 1:
            raise ValueError(f"sync_period must be at least 1; found {sync_period}. Give 6.")
        self.sync_period = sync_period
        self.slow_step_size = slow_step_size

    def _before(self, step: Any, variables: Any) -> None:
        # weights may be loaded between building and the first step
        for variable in variables:
            slow = self._slot_of(variable)
            self.assign(slow, ops.where(step == 0, variable.value, slow.value))

    def _after(self, step: Any, variables: Any) -> None:
        meet = (step + 1) % self.sync_period == 0
        for variable in variables:
            slow = self._slot_of(variable)
            back = slow + self.slow_step_size * (variable - slow)
            self.assign(slow, ops.where(meet, back, slow.value))
            self.assign(variable, ops.where(meet, back, variable.value))

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {
            **super().get_config(),
            "sync_period": self.sync_period,
            "slow_step_size": self.slow_step_size,
        }
