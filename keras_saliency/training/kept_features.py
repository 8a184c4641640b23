"""Steps of a network whose first layers do not learn: they run once a picture.

    pictures --still layers--> features, kept --the rest, which learns--> maps

The rest is a network of the same layers with the same optimizer, so what it learns the whole one
has learned. A picture is known by its values: mirrored it is another one.
"""

from __future__ import annotations

import hashlib
import inspect
import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_saliency.base.free_memory import free_bytes
from keras_saliency.base.leaves import leaves
from keras_saliency.data import Augmentation
from keras_saliency.training.steps import Steps

SHARE = 0.5  # of the free memory that features may take
DRAWN = "history"  # an input that is another one in every epoch
GRAPH = "Functional.call"  # of a network that is its layers and nothing else


def keeping_features(steps: Steps, augment: Augmentation | None) -> Steps:
    """The same steps with kept features, where layers with weights stay still and pictures return.

    Not on a GPU, whose passes of single pictures cost more than they spare, nor where nobody knows
    how much memory is free.

    Args:
        steps: of a network that is compiled, its layers frozen.
        augment: what happens to its training pictures; random values never come again.
    """
    returning = augment is None or augment == Augmentation(mirror=augment.mirror)
    drawn = any(tensor.name == DRAWN for tensor in steps.model.inputs)
    free = free_bytes()
    if type(steps) is not Steps or not returning or drawn or free is None:
        return steps
    features = _last_still(steps.model)
    return KeptFeatures(steps.model, features, int(SHARE * free)) if features else steps


class KeptFeatures(Steps):
    """Steps of what learns, on features of pictures seen before.

    Args:
        model: the whole network, compiled.
        features: symbolic tensors of it, the last that no learning changes.
        limit: bytes to keep; features of further pictures are made anew each time.

    Attributes:
        bytes: taken by features that are kept.
    """

    def __init__(self, model: Any, features: Sequence[Any], limit: int):
        super().__init__(model)
        self._still = keras.Model(model.inputs, list(features))
        self._rest = keras.Model(list(features), model.output)
        self._rest.compile(model.optimizer, model.loss)
        self.bytes, self.limit = 0, limit
        self._kept: dict[bytes, list[np.ndarray]] = {}

    def describe(self) -> str:
        """What a user should know of it."""
        return (
            "layers that do not learn run once a picture; what they give takes up to "
            f"{self.limit / 1e9:.1f} GB of memory"
        )

    def learn(self, inputs: Any, targets: Any) -> dict[str, float]:
        """As `Steps.learn`."""
        return {"loss": self._loss(self._rest.train_on_batch, inputs, targets)}

    def judge(self, inputs: Any, targets: Any) -> float:
        """As `Steps.judge`."""
        return self._loss(self._rest.test_on_batch, inputs, targets)

    def _step(self, step: Any, inputs: Any, targets: Any) -> float:
        return super()._step(step, self._features(inputs), targets)

    def _features(self, inputs: Any) -> Any:
        arrays = [np.asarray(part) for part in keras.tree.flatten(inputs)]
        samples = [self._sample(parts) for parts in zip(*arrays, strict=True)]
        stacked = [np.stack(parts) for parts in zip(*samples, strict=True)]
        return stacked if len(stacked) > 1 else stacked[0]

    def _sample(self, parts: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Of one sample; alone, so that its neighbours in a batch change no bit."""
        digest = hashlib.sha256()
        for part in parts:
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        key = digest.digest()
        found = self._kept.get(key)
        if found is None:
            given = [part[None] for part in parts]
            made = self._still.predict_on_batch(given if len(given) > 1 else given[0])
            found = [np.asarray(each)[0] for each in keras.tree.flatten(made)]
            size = sum(each.nbytes for each in found)
            if self.bytes + size <= self.limit:
                self._kept[key] = found
                self.bytes += size
        return found


def _last_still(model: Any) -> list[Any]:
    """The tensors between layers that stay still and those that do not.

    Returns:
        none where the network is no graph of layers, or nothing with weights stays still.
    """
    if getattr(type(model).call, "__qualname__", "") != GRAPH:
        return []
    known: dict[int, bool] = {}

    def still(tensor: Any) -> bool:
        if id(tensor) not in known:
            operation, before = _origin(tensor)
            # of every tensor before, so that all that stays still is known
            known[id(tensor)] = all([still(each) for each in before]) and _stays(operation)
            weighty.append(known[id(tensor)] and bool(getattr(operation, "weights", ())))
        return known[id(tensor)]

    def collect(tensor: Any) -> None:
        if id(tensor) in found:
            return
        if still(tensor):
            found[id(tensor)] = tensor
        elif id(tensor) not in visited:
            visited.add(id(tensor))
            for earlier in _origin(tensor)[1]:
                collect(earlier)

    weighty: list[bool] = []
    visited: set[int] = set()
    found: dict[int, Any] = {}
    for output in keras.tree.flatten(model.output):
        collect(output)
    smallest = {id(each): each for tensor in found.values() for each in _smallest(tensor)}
    return list(smallest.values()) if any(weighty) else []


def _smallest(tensor: Any) -> list[Any]:
    """The tensor, or those that it is made of without weights where they hold fewer numbers."""
    operation, before = _origin(tensor)
    if getattr(operation, "weights", ()) or not before:
        return [tensor]
    found = {id(each): each for earlier in before for each in _smallest(earlier)}
    fewer = sum(_numbers(each) for each in found.values()) < _numbers(tensor)
    return list(found.values()) if fewer else [tensor]


def _numbers(tensor: Any) -> float:
    """Of one sample; infinite where that depends on the picture."""
    sides = tensor.shape[1:]
    return math.inf if None in sides else math.prod(sides)


def _origin(tensor: Any) -> tuple[Any, list[Any]]:
    """What made a symbolic tensor, and of which tensors."""
    operation, node, _ = tensor._keras_history
    return operation, list(operation._inbound_nodes[node].input_tensors)


def _stays(operation: Any) -> bool:
    """Whether it gives in training what it gives at any time, before and after each step."""
    if not isinstance(operation, keras.layers.Layer):
        return True
    inside = leaves(operation) if hasattr(operation, "layers") else [operation]
    return all(
        not layer.trainable_variables
        and (
            "training" not in inspect.signature(layer.call).parameters
            # which keeps to its statistics when it is frozen
            or (isinstance(layer, keras.layers.BatchNormalization) and not layer.trainable)
        )
        for layer in inside
    )
