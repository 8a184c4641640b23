"""Where networks are built that `train` trains: seed, precision and devices, undone after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import keras

from keras_saliency.training.distributed import open_strategy
from keras_saliency.training.precision import choose_precision


@contextmanager
def building(seed: int, precision: str = "auto", strategy: str = "one") -> Iterator[None]:
    """Networks that are built in the block, and trained there, have these.

    Args:
        seed: of their first weights.
        precision: one of `precision.PRECISIONS`.
        strategy: `"one"` device, or one of `distributed.STRATEGIES`.

    Raises:
        ConfigError: an unknown precision or strategy, or one that this backend does not have.
    """
    # a strategy of several processes must come before anything else that TensorFlow does
    scope = nullcontext() if strategy == "one" else open_strategy(strategy).scope()
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(choose_precision(precision))
    try:
        keras.utils.set_random_seed(seed)
        with scope:
            yield
    finally:
        keras.config.set_dtype_policy(before)
