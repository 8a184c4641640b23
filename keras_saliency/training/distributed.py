"""Training on several devices at once with `tf.distribute`: the same steps, shared out.

Every replica takes its rows of a batch, in order; where they are not equally many, each weighs as
its rows do, so that gradients and losses are those of the whole batch on one device. Statistics of
batch normalisation are taken over all replicas. Dropout draws on each replica for itself.

Every process of a cluster makes the same batches and takes its rows; the chief alone writes.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.strategy import is_chief, workers_of
from benchmark_kit.strategy import open_strategy as open_by_name
from keras_saliency.losses.map_loss import MapLoss
from keras_saliency.training.steps import Steps

STRATEGIES = ("mirrored", "multiworker")
PATIENCE = 600.0  # seconds that processes wait for each other


def open_strategy(name: str) -> Any:
    """A strategy to build networks under.

    Args:
        name: `"mirrored"`, all GPUs of this machine, else all logical CPUs; `"multiworker"`, the
            machines that TF_CONFIG names.

    Raises:
        ConfigError: another backend than TensorFlow, or a TF_CONFIG that names no cluster.
    """
    if keras.config.backend() != "tensorflow":
        raise ConfigError(
            f"--strategy {name} needs TensorFlow, Keras runs on {keras.config.backend()}. "
            "Fix: KERAS_BACKEND=tensorflow, or --strategy one"
        )
    return open_by_name(name, PATIENCE)


def strategy_of(model: Any) -> Any:
    """The strategy that a network was built under, if it has several replicas; else None."""
    found = getattr(model, "distribute_strategy", None)
    return None if found is None or found.num_replicas_in_sync == 1 else found


def synchronise(model: Any) -> None:
    """Take statistics of batch normalisation over all replicas; before the first step."""
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = True


class SharedSteps(Steps):
    """Steps of a network that lies on several replicas.

    Args:
        model: compiled, and built under a strategy.
    """

    def __init__(self, model: Any):

        super().__init__(model)
        self.strategy = strategy_of(model)
        self.writes = is_chief(self.strategy)
        self.devices = self.strategy.num_replicas_in_sync
        self.processes = workers_of(self.strategy)
        synchronise(model)
        self._functions: dict[Any, Any] = {}

    def learn(self, inputs: Any, targets: Any) -> dict[str, float]:
        """As `Steps.learn`, each replica with its rows."""
        return {"loss": self._loss(self.model.train_step, inputs, targets)}

    def judge(self, inputs: Any, targets: Any) -> float:
        """As `Steps.judge`, each replica with its rows."""
        return self._loss(self.model.test_step, inputs, targets)

    def agree(self, value: bool) -> bool:
        """What the chief says, told to every process."""
        import tensorflow as tf

        said = float(value and self.writes)

        def ask(number: Any) -> Any:
            return self.strategy.reduce("SUM", number, axis=None)

        mine = self._shared_out(lambda replica: tf.constant(said))
        return bool(tf.function(ask, autograph=False)(mine) > 0)

    def _step(self, step: Any, inputs: Any, targets: Any) -> float:
        if not self._functions:  # losses and their trackers are made with the first batch
            with self.strategy.scope():
                maps = self.model(inputs, training=False)
                self.model.compute_loss(inputs, targets, maps, training=False)
        rows = self._rows(inputs, targets)
        self.model.reset_metrics()
        return float(self._function(step, inputs, rows)(*rows))

    def _function(self, step: Any, inputs: Any, rows: Any) -> Any:
        """The step on all replicas; one trace a frame, whatever the number of rows.

        Processes that trace at different times would wait for each other's other sums.
        """
        import tensorflow as tf

        key = (step.__name__, *(part.shape[1:] for part in keras.tree.flatten(inputs)))
        if key not in self._functions:

            def local(*data: Any) -> Any:
                return step(data)["loss"]

            def on_all(*data: Any) -> Any:
                return self.strategy.reduce("MEAN", self.strategy.run(local, args=data), axis=None)

            def any_rows(value: Any) -> Any:
                spec = tf.type_spec_from_value(value)
                parts = [
                    tf.TensorSpec((None, *part.shape[1:]), part.dtype)
                    for part in tf.nest.flatten(spec, expand_composites=True)
                ]
                return parts[0] if isinstance(spec, tf.TensorSpec) else type(spec)(*parts)

            signature = [keras.tree.map_structure(any_rows, part) for part in rows]
            self._functions[key] = tf.function(on_all, input_signature=signature, autograph=False)
        return self._functions[key]

    def _rows(self, inputs: Any, targets: Any) -> tuple[Any, Any, Any]:
        """Inputs, targets and weights as every replica gets them."""
        replicas = self.strategy.num_replicas_in_sync
        count = len(keras.tree.flatten(inputs)[0])
        # fewer pictures than replicas: copies that weigh nothing
        pieces = np.array_split(np.arange(max(count, replicas)), replicas)
        ranks = 0 if _one_value_an_image(self.model) else keras.tree.flatten(targets)[0].ndim - 2

        def of(values: Any) -> Any:
            return keras.tree.map_structure(
                lambda part: self._shared_out(lambda k: part[pieces[k] % count]), values
            )

        def weight_of(k: int) -> Any:
            weight = np.where(pieces[k] < count, len(pieces[k]) * replicas / count, 0.0)
            return weight.astype(np.float32).reshape(-1, *[1] * ranks)

        return of(inputs), of(targets), self._shared_out(weight_of)

    def _shared_out(self, of_replica: Any) -> Any:
        import tensorflow as tf

        return self.strategy.experimental_distribute_values_from_function(
            lambda context: tf.convert_to_tensor(of_replica(context.replica_id_in_sync_group))
        )


def _one_value_an_image(model: Any) -> bool:
    """Whether its losses are ours; those of Keras have a value for every pixel."""
    losses = keras.tree.flatten(model.loss)
    return all(isinstance(loss, MapLoss) for loss in losses)
