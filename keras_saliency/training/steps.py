"""One step of learning and one of judging on a single device, as the loop calls them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from benchmark_kit.errors import RunFailed
from keras_saliency.training.checkpoint import variables_of

FULL = ("RESOURCE_EXHAUSTED", "ResourceExhausted", "out of memory", "Unable to allocate")


class Steps:
    """Steps of a compiled network.

    Args:
        model: the network.

    Attributes:
        writes: whether this process writes the run's folder.
        devices: how many share a batch.
        processes: how many share them.
    """

    writes = True
    devices = processes = 1

    def __init__(self, model: Any):
        self.model = model

    @property
    def variables(self) -> dict[str, Any]:
        """All that a checkpoint holds, by name."""
        return variables_of(self.model)

    def learn(self, inputs: Any, targets: Any) -> dict[str, float]:
        """Change the weights by one batch.

        Returns:
            `{"loss": …}`, the batch's before the change, penalties included.

        Raises:
            RunFailed: the batch does not fit into memory.
        """
        return {"loss": self._loss(self.model.train_on_batch, inputs, targets)}

    def judge(self, inputs: Any, targets: Any) -> float:
        """The loss of one batch, nothing changed.

        Raises:
            RunFailed: the batch does not fit into memory.
        """
        return self._loss(self.model.test_on_batch, inputs, targets)

    def scope(self) -> Any:
        """Where the network's losses and optimizer, and networks of its layers, are made."""
        strategy = getattr(self.model, "distribute_strategy", None)  # of TensorFlow alone
        return nullcontext() if strategy is None else strategy.scope()

    def agree(self, value: bool) -> bool:
        """The value; of several processes the chief's."""
        return value

    def _step(self, step: Any, inputs: Any, targets: Any) -> float:
        return float(step(inputs, targets, return_dict=True)["loss"])

    def _loss(self, step: Any, inputs: Any, targets: Any) -> float:
        with full_memory_told(self.model.name):
            return self._step(step, inputs, targets)


@contextmanager
def full_memory_told(name: str) -> Iterator[None]:
    """A step of the network of that name: memory that is full gets a message.

    Raises:
        RunFailed: it is.
    """
    try:
        yield
    except Exception as error:  # every backend has its own class for it
        if isinstance(error, MemoryError) or any(
            word in f"{type(error).__name__} {error}" for word in FULL
        ):
            raise RunFailed(
                f"{name}: memory is full. Fix: a smaller --batch, or a smaller "
                "frame (--option input_shape=HEIGHT,WIDTH)"
            ) from None
        raise
