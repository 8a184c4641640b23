"""When training has broken: a loss or weights that are not finite, maps that are constant."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import keras
import numpy as np

from benchmark_kit.errors import RunFailed, name_some
from keras_saliency.base.first_step import MOST, constant_maps

ENOUGH = 100  # steps after which maps are no longer the start's
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


def check_maps(model: Any, inputs: Any, place: str, names: Sequence[str], steps: int) -> None:
    """Stop where a network gives a constant map for every picture though it has learned a while.

    Args:
        model: the network.
        inputs: a batch.
        place: the epoch, in words.
        names: its pictures.
        steps: how many it has learned; some networks begin with zeros and leave them.

    Raises:
        RunFailed: it does, though the pictures differ.
    """
    if steps < ENOUGH:
        return
    few = keras.tree.map_structure(lambda part: part[:MOST], inputs)
    if "map" in constant_maps(model, few):
        raise RunFailed(
            f"{place}: {model.name} gives a constant map for every picture of "
            f"{name_some(names[:MOST])} after {steps} steps. Fix: another --seed, weights of "
            "its trunk (--trunk), or a lower learning rate"
        )
