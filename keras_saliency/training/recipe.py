"""Compile a network as its paper or its code trained it: the recipes of the cards, made real.

A recipe's `loss` and `optimizer` are written as calls with constants only, for instance
`SAMLoss(kl=10, cc=-2, nss=-1)`. They are read, never evaluated.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import keras

from benchmark_kit.errors import ConfigError
from keras_saliency import losses
from keras_saliency.card import Card, Recipe


def compile_recipe(
    model: Any, recipe: str | None = None, *, optimizer: Any = None, **loss_arguments: Any
) -> Any:
    """Compile a network of the registry with a recipe's loss and optimizer.

    A network with several outputs gets the loss at each of them. What a recipe says beyond loss and
    optimizer (data, batch, stages, decay of weights inside the gradient) is in its `note` and is
    left to the caller.

    Args:
        model: what `build_model` made.
        recipe: name of a recipe of its card; None takes the first.
        optimizer: instead of the recipe's; needed where the source does not state one.
        **loss_arguments: arguments of the loss that no card can hold: the feature network of
            `PConvLoss`.

    Returns:
        the loss object; its docstring says what targets it takes.

    Raises:
        ConfigError: no such recipe, no optimizer, or a loss that needs an argument.
    """
    card = model.card
    name, found = _recipe(card, recipe)
    if not found.loss:
        raise ConfigError(f"recipe {name!r} of {card.name} states no loss")
    loss = read_call(found.loss, _loss_class, f"{card.name}, recipe {name}, loss", loss_arguments)
    if optimizer is None:
        if not found.optimizer:
            raise ConfigError(
                f"recipe {name!r} of {card.name} states no optimizer. "
                "Fix: compile_recipe(model, optimizer=…)"
            )
        where = f"{card.name}, recipe {name}, optimizer"
        optimizer = read_call(found.optimizer, _optimizer_class, where)
    several = isinstance(model.output, dict)
    model.compile(optimizer, {key: loss for key in model.output} if several else loss)
    return loss


def _recipe(card: Card, name: str | None) -> tuple[str, Recipe]:
    name = name or next(iter(card.recipes), "")
    if name not in card.recipes:
        known = ", ".join(card.recipes) or "none"
        raise ConfigError(f"{card.name} has no recipe {name!r}; its card has: {known}")
    return name, card.recipes[name]


def read_call(
    text: str,
    find: Callable[[str], Any],
    where: str,
    more: dict[str, Any] | None = None,
) -> Any:
    """An object from the text of a call: a name, and constants or such calls by keyword.

    Args:
        text: for instance `"SGD(learning_rate=0.001, momentum=0.9)"`.
        find: class of a name; raises KeyError for an unknown one.
        where: what the text belongs to, for messages.
        more: further arguments of the outermost call.

    Raises:
        ConfigError: anything else in the text, an unknown name or a wrong argument.
    """
    try:
        return _made(ast.parse(text, mode="eval").body, find, more or {})
    except KeyError as error:
        reason = f"unknown name {error.args[0]!r}"
    except (SyntaxError, ValueError, TypeError) as error:
        reason = str(error)
    raise ConfigError(f"{where}: {text!r} cannot be made: {reason}")


def _made(node: ast.expr, find: Callable[[str], Any], more: dict[str, Any]) -> Any:
    if not isinstance(node, ast.Call):
        return ast.literal_eval(node)
    if not isinstance(node.func, ast.Name) or node.args:
        raise ValueError("expected Name(keyword=value, …)")
    arguments = {str(part.arg): _made(part.value, find, {}) for part in node.keywords}
    return find(node.func.id)(**arguments, **more)


def _loss_class(name: str) -> Any:
    if name in losses.__all__:
        return getattr(losses, name)
    return vars(keras.losses)[name]


def _optimizer_class(name: str) -> Any:
    found = vars(keras.optimizers).get(name)
    return found if found is not None else vars(keras.optimizers.schedules)[name]
