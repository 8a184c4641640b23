"""Steps of the devices: batches are split over the replicas, scored, and gathered in order.

One step is one traced function for all image sizes. Integers (positions, exact pairs, facts) and
floats are gathered inside it; the number of images scored is summed over the replicas as a check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from benchmark_kit.errors import RunFailed
from benchmark_kit.scoring.plan import ScoringPlan
from benchmark_kit.scoring.tf.columns import score_batch
from benchmark_kit.scoring.tf.feed import Feed, Kind, Piece
from benchmark_kit.strategy import import_tensorflow

Predictor = Callable[[Any], Any]
Output = tuple[np.ndarray, np.ndarray, list[np.ndarray]]


class Steps:
    """Runs batches under a strategy.

    Args:
        plan: restricted to the device's columns.
        strategy: a `tf.distribute.Strategy`.
        floats: type to compute in.
        batch: images a replica and step.
        predictor: makes the maps from pictures, or None.
        keep_maps: hand predicted maps out, too.
    """

    def __init__(
        self,
        plan: ScoringPlan,
        strategy: Any,
        floats: str,
        batch: int,
        predictor: Predictor | None,
        keep_maps: bool,
    ):
        self.tf = import_tensorflow()
        self.plan, self.strategy, self.floats, self.batch = plan, strategy, floats, batch
        self.predictor, self.keep_maps = predictor, keep_maps
        self._traced: dict[Kind, Callable[[Any], Any]] = {}

    def outputs(self, feed: Feed, kind: Kind, pieces: Sequence[Piece]) -> Iterator[Output]:
        """Every step's (scores, integers, kept maps) of all replicas, in the replicas' order.

        Raises:
            RunFailed: the devices scored more or fewer images than they gave back.
        """
        data = self._distribute(feed, kind, pieces)
        if kind not in self._traced:
            self._traced[kind] = self.tf.function(
                self._step, input_signature=[data.element_spec], autograph=False
            )
        before = None
        try:
            for given in data:
                # the devices compute this step while the host reads the rows of the one before
                now = self._traced[kind](given)
                if before is not None:
                    yield self._to_host(before)
                before = now
            if before is not None:
                yield self._to_host(before)
        except BaseException:
            feed.stop()
            raise
        if feed.error is not None:
            raise feed.error

    def predict_one(self, picture: np.ndarray) -> np.ndarray:
        """The predictor's map of one picture, outside the steps."""
        predict = self.tf.function(self._predict, autograph=False)
        maps = self.strategy.run(predict, args=(self.tf.constant(picture[None]),))
        return self.strategy.experimental_local_results(maps)[0].numpy()[0]

    def _distribute(self, feed: Feed, kind: Kind, pieces: Sequence[Piece]) -> Any:
        tf, replicas = self.tf, self.strategy.num_replicas_in_sync
        signature = {
            name: tf.TensorSpec(shape, stored)
            for name, (shape, stored) in feed.signature(kind, self.batch).items()
        }

        def dataset(context: Any) -> Any:
            # every worker decodes only what its own replicas score
            mine = share(pieces, context.input_pipeline_id, context.num_input_pipelines, replicas)
            made = tf.data.Dataset.from_generator(
                lambda: feed.batches(kind, mine), output_signature=signature
            )
            return made.prefetch(1)

        return self.strategy.distribute_datasets_from_function(dataset)

    def _step(self, given: Any) -> Any:
        strategy = self.strategy
        floats, integers, maps, scored = strategy.run(self._replica, args=(given,))
        total = strategy.reduce(self.tf.distribute.ReduceOp.SUM, scored, axis=None)
        return strategy.gather(floats, axis=0), strategy.gather(integers, axis=0), maps, total

    def _replica(self, given: dict[str, Any]) -> Any:
        tf = self.tf
        # several workers forget how many images a batch has
        known = {
            name: value if name.startswith("counts/") else self._sized(value)
            for name, value in given.items()
        }
        logs = known.get("logs")
        if self.predictor is None:
            maps = known["maps"]
        else:
            maps = self._sized(self._predict(known["images"]))
            if self.plan.log_density:
                logs = tf.cast(maps, self.floats)
                maps = tf.exp(logs)
        floats, two_u = score_batch(self.plan, known, maps, logs, self.floats)
        integers = tf.concat([known["passed"], two_u], axis=-1)
        scored = tf.reduce_sum(tf.cast(known["passed"][:, 0] >= 0, tf.int64))
        kept = (maps if logs is None else logs) if self.keep_maps else tf.zeros((), tf.int64)
        return floats, integers, kept, scored

    def _sized(self, value: Any) -> Any:
        return self.tf.ensure_shape(value, [self.batch, *value.shape[1:]])

    def _predict(self, images: Any) -> Any:
        tf = self.tf
        assert self.predictor is not None
        maps = tf.convert_to_tensor(self.predictor(images))
        if len(maps.shape) == 4:
            maps = maps[..., 0]
        says = "predictor(images) must give one map of the picture's height and width each"
        same = tf.debugging.assert_equal(tf.shape(maps), tf.shape(images)[:3], message=says)
        with tf.control_dependencies([same]):
            return tf.identity(maps)

    def _to_host(self, step: Any) -> Output:
        floats, integers, maps, total = step
        found, whole = floats.numpy(), integers.numpy()
        if int((whole[:, 0] >= 0).sum()) != int(total.numpy()):
            raise RunFailed("the devices scored other images than they gave back")
        kept: list[np.ndarray] = []
        if self.keep_maps:
            for part in self.strategy.experimental_local_results(maps):
                kept += list(part.numpy())
        return found, whole, kept


def share(pieces: Sequence[Piece], worker: int, workers: int, replicas: int) -> list[Piece]:
    """The batches that one worker's replicas take, step by step."""
    local = replicas // workers
    return [piece for k, piece in enumerate(pieces) if k % replicas // local == worker]
