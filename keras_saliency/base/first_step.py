"""What a network says to its first batch, before it is trained: a constant map may never change.

A last ReLU whose input is below zero everywhere passes no gradient, and training would go on for
hours with nothing learned and nothing said.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import chain
from typing import Any

import keras
import numpy as np

MOST = 4  # pictures that are looked at


def peek(x: Any) -> tuple[Any, Any]:
    """The inputs of the first pictures of what `fit` is given, and what to give it instead.

    Args:
        x: arrays, a data set, a `PyDataset` or a generator of batches.

    Returns:
        inputs of up to four pictures, or None where there are none; and `x`, or a generator in its
        place that begins with the batch that was taken.
    """
    if isinstance(x, keras.utils.PyDataset):
        batch = x[0] if len(x) else None
    elif hasattr(x, "__next__"):
        batch = next(x, None)
        if batch is not None:
            x = _again(batch, x)
    elif hasattr(x, "__iter__") and not hasattr(x, "shape") and not isinstance(x, list | dict):
        batch = next(iter(x), None)
    else:
        batch = (x,)
    if batch is None:
        return None, x
    inputs = batch[0] if isinstance(batch, tuple) else batch
    return keras.tree.map_structure(lambda part: np.asarray(part[:MOST]), inputs), x


def _again(batch: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield from chain([batch], rest)


def constant_maps(model: Any, inputs: Any) -> tuple[str, ...]:
    """Names of the maps that are constant for all of these pictures, `"map"` where there is one.

    None where the pictures themselves are of one colour each.
    """
    if all(_constant(part) for part in keras.tree.flatten(inputs)):
        return ()
    found = model(inputs, training=False)
    found = found if isinstance(found, dict) else {"map": found}
    return tuple(name for name, maps in found.items() if _constant(maps))


def warn_of_constant_maps(model: Any, inputs: Any) -> None:
    """Warn if a map is constant for all of these pictures, unless they are of one colour each."""
    constant = constant_maps(model, inputs)
    if constant:
        one = constant == ("map",)
        said = "gives a constant map" if one else f"is constant in {', '.join(constant)}"
        warnings.warn(
            f"{model.name} {said} for every picture of the first batch, before it has learned: "
            "where a last ReLU is dead, it never will. Fix: if loss and weights stay as they are, "
            "another seed (keras.utils.set_random_seed), or weights of its trunk "
            "(backbone_weights=)",
            stacklevel=3,
        )


def _constant(maps: Any) -> bool:
    values = np.asarray(keras.ops.convert_to_numpy(maps), np.float64)
    values = values.reshape(len(values), -1)
    return bool(len(values) and (values.max(axis=1) == values.min(axis=1)).all())
