"""Objects from the calls that cards write as text: constants and names only, never evaluated."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import keras

from benchmark_kit.errors import ConfigError
from keras_saliency import losses
from keras_saliency.training import _epoch_rates, coupled_decay


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


def loss_class(name: str) -> Any:
    """A loss of this package or of Keras."""
    if name in losses.__all__:
        return getattr(losses, name)
    return vars(keras.losses)[name]


def optimizer_class(name: str) -> Any:
    """An optimizer or schedule of Keras, or an optimizer of `coupled_decay`."""
    if name.startswith("Coupled"):
        return vars(coupled_decay)[name]
    found = vars(keras.optimizers).get(name)
    return found if found is not None else vars(keras.optimizers.schedules)[name]


def coupled_class(name: str) -> Any:
    """The same, with the optimizer that can decay inside the gradient in Keras' place.

    Raises:
        KeyError: an unknown name, or an optimizer that has no such form.
    """
    if name in vars(keras.optimizers.schedules):
        return optimizer_class(name)
    return vars(coupled_decay)[f"Coupled{name.removeprefix('Coupled')}"]


def schedule_class(name: str) -> Any:
    """A schedule over epochs."""
    if name not in _epoch_rates.SCHEDULES:
        raise KeyError(name)
    return getattr(_epoch_rates, name)
