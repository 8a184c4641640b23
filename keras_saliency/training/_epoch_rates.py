"""Learning rates that change from epoch to epoch, as callbacks: what most sources state.

They follow the epoch's number, so a training that goes on with `initial_epoch` has the right rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

SCHEDULES = ("Steps", "Listed", "Linear", "Plateau")


class EpochRate(keras.callbacks.Callback):
    """Sets the rate at the start of each epoch.

    Attributes:
        start: the optimizer's first rate, which `training.recipe` sets.
        epochs: how many there will be, likewise.
    """

    start = 0.0
    epochs = 1

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0."""
        raise NotImplementedError

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set it."""
        self.inner().learning_rate = self.rate(epoch)

    def inner(self) -> Any:
        """The optimizer itself, also where half precision wraps it."""
        optimizer = self.model.optimizer
        return getattr(optimizer, "inner_optimizer", optimizer)


class Steps(EpochRate):
    """The rate times a factor after given epochs, or after every so many.

    Args:
        factor: what it is multiplied by.
        at: epochs that have passed when it is.
        every: or the same after each so many epochs.
    """

    def __init__(self, factor: float, at: Sequence[int] = (), every: int | None = None):
        super().__init__()
        if (every is None) == (not at):
            raise ValueError("expected at=[epochs] or every=epochs")
        self.factor, self.at, self.every = factor, tuple(at), every

    def rate(self, epoch: int) -> float:
        """Start times factor to the number of changes so far."""
        if self.every is not None:
            changes = epoch // self.every
        else:
            changes = sum(epoch >= passed for passed in self.at)
        return float(self.start * self.factor**changes)


class Listed(EpochRate):
    """The rates of the epochs, one by one; the last one holds on.

    Args:
        rates: of epoch 0, 1, ...
    """

    def __init__(self, rates: Sequence[float]):
        super().__init__()
        self.rates = tuple(rates)

    def rate(self, epoch: int) -> float:
        """The epoch's."""
        return float(self.rates[min(epoch, len(self.rates) - 1)])


class Linear(EpochRate):
    """The rate, and where asked the momentum, in a straight line from the first to the last epoch.

    Args:
        to: the last epoch's rate.
        momentum_to: the last epoch's momentum, of `CoupledSGD`.
    """

    def __init__(self, to: float, momentum_to: float | None = None):
        super().__init__()
        self.to, self.momentum_to = to, momentum_to

    def rate(self, epoch: int) -> float:
        """Between the start's and the end's."""
        return self._between(self.start, self.to, epoch)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set rate and momentum."""
        super().on_epoch_begin(epoch, logs)
        if self.momentum_to is not None:
            optimizer = self.inner()
            first = float(optimizer.momentum)
            optimizer.moving_momentum.assign(self._between(first, self.momentum_to, epoch))

    def _between(self, first: float, last: float, epoch: int) -> float:
        share = min(1.0, epoch / max(1, self.epochs - 1))
        return float(first + (last - first) * share)


class Plateau(keras.callbacks.ReduceLROnPlateau):
    """The rate times a factor when validation has not improved.

    Args:
        factor: what it is multiplied by.
        patience: epochs without a better validation.
    """

    def __init__(self, factor: float, patience: int):
        super().__init__(monitor="val_loss", factor=factor, patience=patience, min_lr=0)
