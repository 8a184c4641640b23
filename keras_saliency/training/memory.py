"""Whether a batch fits into memory, told before the first step.

What layers put out for a batch stays until the gradients are there; weights and the optimizer's
moments are held already when this is asked. Told and measured under TensorFlow on a CPU, as what a
process grew by in its first steps, in MB; within a quarter of each other, either way:

ml_net on MobileNet, 240x320    batch 2: 435, 364    batch 6: 951, 768
saliency_lite, 256x320          batch 1: 300, 333    batch 4: 665, 639
msi_net on VGG-16, 160x224      batch 1: 342, 281    batch 4: 588, 764

JAX and GPUs were not measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import keras

from keras_saliency.base.free_memory import free_bytes

WORK = 160_000_000  # bytes of the first steps besides, as measured: the graph, buffers


def warn_of_memory(model: Any, batch: int, free: int | None = None) -> str | None:
    """A sentence where a batch needs more than there is, or nothing can be told.

    Args:
        model: a compiled network whose optimizer is built, which holds its memory by then.
        batch: pictures a step.
        free: bytes that are free; None: asked of the system. On a GPU nothing is told.
    """
    free = free_bytes() if free is None else free
    each, fixed = bytes_of_training(model)
    if free is None or each is None or fixed + batch * each <= free:
        return None
    fits = max(int((free - fixed) // each), 1)
    return (
        f"a batch of {batch} needs about {_giga(fixed + batch * each)} of memory, "
        f"{_giga(free)} are free. Fix: --batch {min(fits, batch)} or less"
    )


def bytes_of_training(model: Any) -> tuple[int | None, int]:
    """(bytes for each picture of a batch, bytes whatever the batch), both to come.

    The first is None where the network's frame is open, so that no layer's size is known.
    """
    each = 0
    for layer in _layers(model):
        for tensor in _outputs(layer):
            sides = tensor.shape[1:]
            if None in sides:
                return None, 0
            each += math.prod(sides) * _size(tensor.dtype)
    learned = sum(math.prod(v.shape) * _size(v.dtype) for v in model.trainable_variables)
    return each, learned + WORK


def _layers(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        yield from _layers(layer) if isinstance(layer, keras.Model) else (layer,)


def _outputs(layer: Any) -> list[Any]:
    try:
        return keras.tree.flatten(layer.output)
    except (AttributeError, ValueError):  # used at several places, or nowhere
        return []


def _size(dtype: Any) -> int:
    name = str(dtype)
    return 2 if name.endswith("16") else 8 if name.endswith("64") else 4


def _giga(count: float) -> str:
    return f"{count / 1e9:.1f} GB"
