"""When training has broken: a loss or weights that are not finite, maps that are constant."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import keras
import numpy as np

from benchmark_kit.errors import RunFailed, name_some
from keras_saliency.first_step import MOST, constant_maps

FIX = (
    "Fix: leave these pictures out and look at them; else a lower learning rate, or "
    "--precision float32"
)


def check_loss(loss: float, place: str, names: Sequence[str], before: Sequence[str]) -> None:
    """Stop where a loss is not finite.

    Args:
        loss: of one batch.
        place: epoch and step, in words.
        names: pictures of the batch.
        before: pictures of the batch before it, whose change of the weights may be the cause.

    Raises:
        RunFailed: it is not.
    """
    if isfinite(loss):
        return
    earlier = f"; the step before learned from {name_some(before)}" if before else ""
    raise RunFailed(f"{place}: the loss is {loss} on {name_some(names)}{earlier}. {FIX}")


def check_weights(model: Any, place: str, names: Sequence[str]) -> None:
    """Stop where weights are not finite.

    Args:
        model: the network.
        place: epoch and step, in words.
        names: pictures of the last batch.

    Raises:
        RunFailed: some are not; the first ones are named.
    """
    wrong = [
        variable.path
        for variable in model.weights
        if not np.isfinite(keras.ops.convert_to_numpy(variable)).all()
    ]
    if wrong:
        raise RunFailed(
            f"{place}: weights are not finite ({name_some(wrong)}); the last step learned from "
            f"{name_some(names)}. {FIX}"
        )


def check_maps(model: Any, inputs: Any, place: str, names: Sequence[str]) -> None:
    """Stop where a network that has learned for an epoch gives a constant map for every picture.

    Args:
        model: the network.
        inputs: a batch.
        place: the epoch, in words.
        names: its pictures.

    Raises:
        RunFailed: it does, though the pictures differ.
    """
    few = keras.tree.map_structure(lambda part: part[:MOST], inputs)
    if "map" in constant_maps(model, few):
        raise RunFailed(
            f"{place}: {model.name} gives a constant map for every picture of "
            f"{name_some(names[:MOST])}: it has learned nothing. Fix: another --seed, weights of "
            "its trunk (--trunk), or a lower learning rate"
        )
