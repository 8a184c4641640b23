"""The stages of a recipe in a run: which one an epoch belongs to, and its rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from benchmark_kit.errors import ConfigError
from keras_saliency.training.recipe import Stage, stages

EPOCHS = 10  # of a stage where neither the caller nor the recipe says


class Chain:
    """The stages, one after the other, over epochs that are counted through.

    Args:
        model: the network, as far frozen as the caller wants it.
        recipe: name of a recipe of its card.
        epochs: of every stage, instead of the recipe's.
        only: name of the one stage that is wanted; None: all.
        seed: of a game's discriminator.

    Attributes:
        ends: number of epochs after each stage.

    Raises:
        ConfigError: no such stage.
    """

    def __init__(
        self, model: Any, recipe: str, epochs: int | None, only: str | None = None, seed: int = 0
    ):
        self.model, self.seed = model, seed
        self.stages: list[Stage] = stages(model, recipe)
        if only is not None:
            names = [stage.recipe.name for stage in self.stages]
            if only not in names:
                known = ", ".join(filter(None, names)) or "none"
                raise ConfigError(f"recipe {recipe!r} has no stage {only!r}; it has: {known}")
            self.stages = [self.stages[names.index(only)]]
        counts = [epochs or stage.recipe.epochs or EPOCHS for stage in self.stages]
        self.ends = list(accumulate(counts))

    def __len__(self) -> int:
        return len(self.stages)

    def begin(self, index: int) -> Any:
        """Compile for a stage, and build its optimizer.

        Returns:
            what learns: the network, or a game of it against another.
        """
        learner = self.stages[index].apply(self.model, seed=self.seed)
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)
        return learner

    def loss(self, index: int) -> Any:
        """The loss of a stage that has begun."""
        return self.stages[index].loss

    @property
    def game(self) -> str:
        """Where a stage is a game of two networks; else nothing."""
        return next((stage.where for stage in self.stages if stage.recipe.game), "")

    def first_epoch(self, index: int) -> int:
        """The number of a stage's first epoch, from 0."""
        return self.ends[index - 1] if index else 0

    def called(self, index: int) -> str:
        """What a stage is called where there are several; else nothing."""
        return self.stages[index].recipe.name if len(self) > 1 else ""

    def rates(self, index: int, rows: Sequence[Mapping[str, Any]]) -> Rates:
        """Its learning rates, as far as the epochs of the log have brought them."""
        begin = self.first_epoch(index)
        callbacks = self.stages[index].callbacks(self.ends[index] - begin)
        return Rates(self.model, callbacks, begin, [row for row in rows if row["epoch"] > begin])


class Rates:
    """Callbacks that change the learning rate between epochs, fed by the loop.

    Args:
        model: the network.
        callbacks: of the stage; one that ends it says so through `model.stop_training`.
        begin: number of the stage's first epoch.
        rows: of the log, of this stage: a run that goes on tells them again.
    """

    def __init__(
        self, model: Any, callbacks: list[Any], begin: int, rows: Sequence[Mapping[str, Any]]
    ):
        self.model, self.callbacks, self.begin = model, callbacks, begin
        model.stop_training = False
        for callback in callbacks:
            callback.set_model(model)
            callback.on_train_begin()
        for row in rows:
            self.start(row["epoch"] - 1)
            self.end(row)

    def start(self, epoch: int) -> None:
        """Set the rate of an epoch."""
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch - self.begin)

    def end(self, row: Mapping[str, Any]) -> bool:
        """Tell what an epoch has come to.

        Returns:
            whether the stage ends here, because validation gets no better.
        """
        logs = {"loss": row["loss"], "val_loss": row["val_loss"]}
        for callback in self.callbacks:
            callback.on_epoch_end(row["epoch"] - 1 - self.begin, logs)
        return bool(self.model.stop_training)
