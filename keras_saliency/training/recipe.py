"""Train a network as its paper or its code did: the recipes of the cards, made real.

for stage in stages(model):
    learner = stage.apply(model)
    learner.fit(x, y, epochs=stage.recipe.epochs, callbacks=stage.callbacks())

A recipe's `loss`, `optimizer` and `schedule` are written as calls with constants only, for instance
`SAMLoss(kl=10, cc=-2, nss=-1)`. They are read, never evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import keras

from benchmark_kit.errors import ConfigError
from keras_saliency.base.card import Recipe
from keras_saliency.base.leaves import leaves
from keras_saliency.base.recipe_record import choose_recipe
from keras_saliency.base.saliency_model import SaliencyModel
from keras_saliency.losses.scaled_labels import ScaledLabels
from keras_saliency.training._calls import (
    coupled_class,
    loss_class,
    optimizer_class,
    read_call,
    schedule_class,
)
from keras_saliency.training._epoch_rates import EpochRate

TRUNK = "trunk"  # in `train` and `freeze`: every layer of the trunks


def compile_recipe(
    model: SaliencyModel, recipe: str | None = None, *, optimizer: Any = None, **loss_arguments: Any
) -> Any:
    """Compile a network of the registry for the first stage of a recipe.

    A network with several outputs gets the loss at each of them. Learning rates that change from
    epoch to epoch are callbacks, and further stages follow: `stages(model, recipe)` has both.

    Args:
        model: what `build_model` made.
        recipe: name of a recipe of its card; None takes the one that it was built with, or the
            first.
        optimizer: instead of the recipe's; needed where the source does not state one.
        **loss_arguments: arguments of the loss that no card can hold: the feature network of
            `PConvLoss`.

    Returns:
        the loss object; its docstring says what targets it takes.

    Raises:
        ConfigError: no such recipe, no optimizer, or a loss that needs an argument.
    """
    first = stages(model, recipe)[0]
    first.apply(model, optimizer=optimizer, **loss_arguments)
    return first.loss


def stages(model: SaliencyModel, recipe: str | None = None) -> list[Stage]:
    """What a recipe does with a network, one after the other; one stage where it states none.

    Which layers train is counted from how the network is when this is called, so call it once and
    before the first stage is applied.

    Args:
        model: what `build_model` made.
        recipe: name of a recipe of its card; None takes the one that it was built with, or the
            first.

    Raises:
        ConfigError: no such recipe, it names layers that the network does not have, or a network
            that build_model did not make.
    """
    card = model.card
    if card is None:
        raise ConfigError(
            f"{model.name} has no card and no recipes. Fix: build_model(name), or model.compile"
        )
    options = getattr(model, "entry", {}).get("options", {})
    name = choose_recipe(card.recipes, recipe or getattr(model, "recipe", None), options, card.name)
    whole = card.recipes[name]
    found = []
    for part in whole.stages or (whole,):
        where = f"{card.name}, recipe {name}" + (f", stage {part.name}" if part.name else "")
        found.append(Stage(part, where, _trainable(model, part, where), _flags(model)))
    return found


@dataclass
class Stage:
    """One stage of a recipe, for one network.

    Args:
        recipe: what holds in this stage.
        where: card, recipe and stage, for messages.
        training: the layers that train, by identity.
        before: layer -> whether it trained as it was built.

    Attributes:
        loss: after `apply`: the loss object, whose docstring says what targets it takes.
    """

    recipe: Recipe
    where: str
    training: set[int]
    before: list[tuple[Any, bool]]
    loss: Any = None
    _start: float = field(default=0.0, repr=False)

    def apply(
        self, model: Any, *, optimizer: Any = None, seed: int | None = None, **loss_arguments: Any
    ) -> Any:
        """Set what trains, and compile with the stage's loss, optimizer and decay.

        Args:
            model: the network that `stages` was given.
            optimizer: instead of the recipe's.
            seed: of a game's discriminator; None: Keras' own.
            **loss_arguments: as for `compile_recipe`.

        Returns:
            what has `fit`: the network itself, or where the stage is a game of two networks an
            `AdversarialTraining` around it. The network is compiled in either case: in a game with
            the content loss, to be judged by, and the optimizer by which it learns.

        Raises:
            ConfigError: no loss, no optimizer, or a loss that needs an argument.
        """
        for layer, trained in self.before:
            wanted = trained and id(layer) in self.training
            if layer.trainable != wanted:
                layer.trainable = wanted
        self.loss = self._loss(model, loss_arguments)
        made = self._optimizer() if optimizer is None else keras.optimizers.get(optimizer)
        if self.recipe.schedule:
            self._start = float(keras.ops.convert_to_numpy(made.learning_rate))
        several = isinstance(model.output, dict)
        loss = {key: self.loss for key in model.output} if several else self.loss
        model.compile(made, loss)
        return self._game(model, seed) if self.recipe.game else model

    def callbacks(self, epochs: int | None = None) -> list[Any]:
        """Callbacks of `fit`: the rate of each epoch, and the end when nothing gets better.

        Args:
            epochs: how many there will be, where they are not the recipe's.
        """
        found: list[Any] = []
        if self.recipe.schedule:
            rates = read_call(self.recipe.schedule, schedule_class, f"{self.where}, schedule")
            if isinstance(rates, EpochRate):
                rates.start, rates.epochs = self._start, epochs or self.recipe.epochs or 1
            found.append(rates)
        if self.recipe.patience is not None:
            found.append(
                keras.callbacks.EarlyStopping(
                    monitor="val_loss",
                    patience=self.recipe.patience,
                    restore_best_weights=self.recipe.keep == "best",
                )
            )
        return found

    def _loss(self, model: Any, arguments: dict[str, Any]) -> Any:
        if not self.recipe.loss:
            raise ConfigError(f"{self.where} states no loss")
        loss = read_call(self.recipe.loss, loss_class, f"{self.where}, loss", arguments)
        span = self.recipe.labels.get("range", (0, 1))
        low, high = getattr(model, "label_span", span)  # an option of the network wins
        return loss if (low, high) == (0, 1) else ScaledLabels(loss, float(low), float(high))

    def _optimizer(self) -> Any:
        recipe = self.recipe
        if not recipe.optimizer:
            raise ConfigError(
                f"{self.where} states no optimizer. Fix: compile_recipe(model, optimizer=…)"
            )
        more: dict[str, Any] = {}
        if recipe.decay:
            more = {"decay": recipe.decay, "spared": recipe.spared}
        if recipe.faster:
            more["faster"] = dict(recipe.faster)
        coupled = more or "momentum_to" in recipe.schedule
        find = coupled_class if coupled else optimizer_class
        return read_call(recipe.optimizer, find, f"{self.where}, optimizer", more)

    def _game(self, model: Any, seed: int | None) -> Any:
        from keras_saliency.models.salgan import discriminator
        from keras_saliency.training.adversarial import AdversarialTraining

        against = discriminator(tuple(model.input.shape[1:3]), self.recipe.game["form"], seed)
        again = keras.optimizers.deserialize(keras.optimizers.serialize(model.optimizer))
        optimizers = iter((again, model.optimizer))  # the discriminator's is asked for first
        alpha = self.recipe.game["alpha"]
        return AdversarialTraining(model, against, alpha, lambda: next(optimizers), self.loss)


def _flags(model: Any) -> list[tuple[Any, bool]]:
    return [(layer, layer.trainable) for layer in leaves(model) if layer.weights]


def _trainable(model: Any, recipe: Recipe, where: str) -> set[int]:
    """Identities of the layers that a stage lets train."""
    every = leaves(model)
    chosen = {id(layer) for layer in every}
    if recipe.train:
        chosen = set().union(*(_fitting(model, every, p, where) for p in recipe.train))
    for pattern in recipe.freeze:
        chosen -= _fitting(model, every, pattern, where)
    return chosen


def _fitting(model: Any, every: list[Any], pattern: str, where: str) -> set[int]:
    if pattern == TRUNK:
        found = {id(layer) for trunk in model.trunks for layer in trunk.layers}
    else:
        found = {id(layer) for layer in every if fnmatchcase(layer.name, pattern)}
    if not found:
        raise ConfigError(
            f"{where}: {model.name} has no layer {pattern!r} with this encoder. Fix: the recipe's "
            "own encoder, or another recipe"
        )
    return found
