"""Passes of a network over many pictures: from some number on through a graph of constants.

TensorFlow's kernels put weights into the order that the processor wants, and do it again in every
pass as long as weights may change; and what could be computed once, such as the factors of a batch
normalisation, is computed every time. With the weights as constants both happen once. That costs
some seconds and, for as long as the graph is there, twenty times the weights' memory, so that it is
done in long runs alone and given up with them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_saliency.base.free_memory import free_bytes

MANY = 128  # pictures of one size, of which the graph's making takes about what it saves
MEMORY = 20  # times the weights' bytes, as measured
Shapes = tuple[tuple[int, ...], ...]


class Passes:
    """The passes of one run of predictions; the maps are those of `predict_on_batch` to 1e-5.

    Weights may be changed between two passes: a graph is left as soon as its own are others. One
    graph at a time is kept.

    Args:
        network: any Keras model. Under another backend than TensorFlow, on a GPU, under a strategy
            of several devices and where memory is short it is called as ever.
    """

    def __init__(self, network: Any):
        self.network = network
        self._seen: Counter[Shapes] = Counter()
        self._shapes: Shapes | None = None
        self._frozen: _Frozen | None = None
        self._refused = False

    def __call__(self, inputs: np.ndarray | Sequence[np.ndarray]) -> Any:
        """Outputs for a batch, as `predict_on_batch` gives them.

        Args:
            inputs: an array for a network of one input, else a list of them.
        """
        arrays = [inputs] if isinstance(inputs, np.ndarray) else list(inputs)
        shapes = tuple(array.shape[1:] for array in arrays)
        if self._frozen is not None and not self._frozen.weights.hold():
            self._frozen = None
            self._seen.clear()
        if self._frozen is None and self._seen[shapes] >= MANY and not self._refused:
            self._freeze(shapes)
        self._seen[shapes] += len(arrays[0])
        if self._frozen is not None and self._shapes == shapes:
            return self._frozen(arrays)
        return self.network.predict_on_batch(inputs)

    def _freeze(self, shapes: Shapes) -> None:
        if not _worth_freezing(self.network):
            self._refused = True
            return
        try:
            self._frozen, self._shapes = _Frozen(self.network, shapes), shapes
        except Exception:  # whatever TensorFlow's converter makes of it: it is called as ever
            self._refused = True


def _worth_freezing(network: Any) -> bool:
    if keras.config.backend() != "tensorflow" or network.run_eagerly:
        return False
    free = free_bytes()  # None on a GPU
    if free is None or network.distribute_strategy.num_replicas_in_sync > 1:
        return False
    return MEMORY * 4 * network.count_params() < free / 2  # weights are float32 in every policy


class Weights:
    """The values that TensorFlow's variables have now."""

    def __init__(self, variables: Sequence[Any]):
        self.variables = tuple(variables)
        self.values = [variable.numpy() for variable in self.variables]

    def hold(self) -> bool:
        """Whether every variable still has its value."""
        return all(
            np.array_equal(value, np.asarray(variable.read_value()))
            for value, variable in zip(self.values, self.variables, strict=True)
        )


class _Frozen:
    """A network for inputs of one size, with the weights that it had."""

    def __init__(self, network: Any, shapes: Shapes):
        import tensorflow as tf
        from tensorflow.python.framework import convert_to_constants

        def call(*tensors: Any) -> Any:
            return network(list(tensors) if len(tensors) > 1 else tensors[0], training=False)

        asked = [tf.TensorSpec((None, *shape), "float32") for shape in shapes]
        traced = tf.function(call).get_concrete_function(*asked)
        self._structure = traced.structured_outputs
        self.weights = Weights(traced.variables)  # all that the graph reads, whoever owns them
        self._run = convert_to_constants.convert_variables_to_constants_v2(
            traced, lower_control_flow=False
        )

    def __call__(self, arrays: Sequence[np.ndarray]) -> Any:
        import tensorflow as tf

        found = tf.nest.flatten(self._run(*(tf.constant(one, "float32") for one in arrays)))
        return tf.nest.pack_sequence_as(self._structure, [np.asarray(one) for one in found])
