"""How batches are read: by `fit`, as `tf.data` under TensorFlow, as `PyDataset` elsewhere.

Threads prepare a few batches ahead of the one that is asked for, in order, so that neither time nor
memory depends on how long an epoch is.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import keras

from keras_saliency.base.array_model import in_order

AHEAD = 2  # batches beyond those that threads work on


class Feed(keras.utils.PyDataset):
    """Batches by epoch and step, as Keras' `fit` reads them.

    `fit` of a network of ours tells it the epoch and keeps its order. Elsewhere (a plain
    `keras.Model`) the epochs follow each other and `fit` shuffles the batches once more, unless it
    is told `shuffle=False`.

    Args:
        steps: batches of an epoch.
        workers: threads.
        one_size: whether pictures and targets of all batches have the same sides.
    """

    def __init__(self, steps: int, workers: int, one_size: bool):
        super().__init__(workers=1)  # Keras' own threads would ask for batches in any order
        self.steps, self.threads, self.one_size = steps, workers, one_size
        self.epoch = 0
        self._given = 0  # epochs that `fit` has begun
        self._next: tuple[int, int] | None = None  # what is asked for if all goes in order
        self._stream: Generator[Any, None, None] | None = None
        self._lock = Lock()  # tf.data may still read for an iterator that `fit` has given up

    def arrays(self, epoch: int, step: int) -> tuple[Any, Any]:
        """Inputs and targets of one batch."""
        raise NotImplementedError

    def stream(self, epoch: int, first: int = 0) -> Generator[Any, None, None]:
        """The batches of an epoch in order, from the step `first` on, a few prepared ahead."""
        pool = ThreadPoolExecutor(self.threads, thread_name_prefix="batches")
        try:
            yield from in_order(
                pool,
                lambda step: self.arrays(epoch, step),
                range(first, self.steps),
                self.threads + AHEAD,
            )
        finally:
            pool.shutdown(cancel_futures=True)

    def inputs(self, epoch: int = 0) -> Iterable[Any]:
        """The inputs of an epoch's batches, to be gone through as often as one likes.

        It is what `training.standardization.learn_standardization` takes.
        """
        return _Inputs(self, epoch)

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> Any:
        """The batch of a step of the present epoch."""
        with self._lock:
            at = (self.epoch, int(step))
            if at != self._next and step != 0:  # out of order: nothing is prepared ahead
                self._restart()
                found = self.arrays(*at)
            else:
                if at != self._next or self._stream is None:
                    self._stream = self.stream(*at)
                found = next(self._stream)
            self._next = (at[0], at[1] + 1)
            return found

    def _restart(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._next = self._stream = None

    def on_epoch_end(self) -> None:
        """`fit` calls it once before its first epoch, and after each."""
        self._begin(self._given)
        self._given += 1

    def for_fit(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a `fit` that reads these batches in their order, epoch by epoch."""
        told = keras.callbacks.LambdaCallback(on_epoch_begin=self._begin)
        others = arguments.get("callbacks")
        if isinstance(others, keras.callbacks.CallbackList):
            others.append(told)
        else:
            several = others if isinstance(others, list | tuple) else [others] if others else []
            arguments = {**arguments, "callbacks": [told, *several]}
        return {**arguments, "shuffle": False}

    def _begin(self, epoch: int, logs: Any = None) -> None:
        with self._lock:
            self.epoch = epoch
            self._restart()


class OneEpoch(Feed):
    """One epoch of other batches, always the same."""

    def __init__(self, whole: Feed, epoch: int):
        super().__init__(whole.steps, whole.threads, whole.one_size)
        self._whole, self._number = whole, epoch

    def arrays(self, epoch: int, step: int) -> tuple[Any, Any]:
        """The batch of the one epoch."""
        return self._whole.arrays(self._number, step)


class _Inputs:
    def __init__(self, feed: Feed, epoch: int):
        self._feed, self._epoch = feed, epoch

    def __iter__(self) -> Iterator[Any]:
        return (inputs for inputs, _ in self._feed.stream(self._epoch))


def epoch_data(feed: Feed, epoch: int) -> Any:
    """One epoch of batches as the backend's `fit` takes it."""
    if keras.config.backend() != "tensorflow":
        return OneEpoch(feed, epoch)
    import tensorflow as tf

    def spec(array: Any) -> Any:
        sides = array.shape[1:]
        if not feed.one_size and array.ndim == 4:
            sides = (None, None, array.shape[3])
        return tf.TensorSpec((None, *sides), tf.float32)

    signature = keras.tree.map_structure(spec, feed.arrays(epoch, 0))
    data = tf.data.Dataset.from_generator(lambda: feed.stream(epoch), output_signature=signature)
    data = data.apply(tf.data.experimental.assert_cardinality(feed.steps))
    options = tf.data.Options()
    # batches are global ones: every worker makes them all and takes its rows
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return data.with_options(options)
