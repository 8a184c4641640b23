"""The `tf.distribute` strategies by name, and what the engine must know of the one it runs under.

TensorFlow is imported when a strategy is opened, never before: the pool needs none of it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, MissingExtra

STRATEGIES = ("one", "mirrored", "multiworker")
EXAMPLE = (
    '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'
)


def import_tensorflow() -> Any:
    """TensorFlow, without its banner.

    Raises:
        MissingExtra: it is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import tensorflow as tf
    except ImportError:
        raise MissingExtra("tensorflow", "engine tf") from None
    return tf


def open_strategy(wanted: Any, timeout_seconds: float) -> Any:
    """The strategy to run under.

    Args:
        wanted: `"one"` (first GPU, else the CPU), `"mirrored"` (all GPUs of this machine, else all
            logical CPUs), `"multiworker"` (the machines that TF_CONFIG names), or a
            `tf.distribute.Strategy`.
        timeout_seconds: how long workers wait for each other.

    Raises:
        ConfigError: unknown name, or a TF_CONFIG that names no cluster.
        MissingExtra: TensorFlow is not installed.
    """
    tf = import_tensorflow()
    if isinstance(wanted, tf.distribute.Strategy):
        return wanted
    if not isinstance(wanted, str) or wanted not in STRATEGIES:
        raise ConfigError(
            f"strategy must be one of {', '.join(STRATEGIES)}, or in Python a "
            f"tf.distribute.Strategy; got {wanted!r}"
        )
    with _quiet(tf):
        if wanted == "one":
            gpus = tf.config.list_logical_devices("GPU")
            return tf.distribute.OneDeviceStrategy(gpus[0].name if gpus else "/cpu:0")
        if wanted == "mirrored":
            return tf.distribute.MirroredStrategy()
        _check_cluster()
        options = tf.distribute.experimental.CommunicationOptions(timeout_seconds=timeout_seconds)
        try:
            return tf.distribute.MultiWorkerMirroredStrategy(communication_options=options)
        except RuntimeError as error:
            raise ConfigError(
                f"strategy multiworker must come before any other use of TensorFlow ({error}). "
                "Fix: first make one tf.distribute.MultiWorkerMirroredStrategy, and pass that"
            ) from None


def is_chief(strategy: Any) -> bool:
    """Whether this process is the one that writes; reads TF_CONFIG, imports nothing.

    Args:
        strategy: as for `open_strategy`.
    """
    if isinstance(strategy, str):
        if strategy != "multiworker":
            return True
        cluster, task = _cluster()
        kind, index = task.get("type", "worker"), task.get("index", 0)
    else:
        resolver = getattr(strategy, "cluster_resolver", None)
        if resolver is None:
            return True
        cluster = resolver.cluster_spec().as_dict()
        kind, index = resolver.task_type, resolver.task_id
    return kind == "chief" or ("chief" not in cluster and kind in (None, "worker") and not index)


def workers_of(strategy: Any) -> int:
    """Number of processes that run the same strategy together."""
    resolver = getattr(strategy, "cluster_resolver", None)
    if resolver is None:
        return 1
    return max(
        1, sum(len(v) for k, v in resolver.cluster_spec().as_dict().items() if k != "evaluator")
    )


def float_type(strategy: Any) -> str:
    """`"float64"` where the devices have it, else `"float32"`."""
    tf = import_tensorflow()

    def probe() -> Any:
        ordered = tf.sort(tf.constant([[3.0, 1.0, 2.0]], tf.float64))
        found = tf.searchsorted(ordered, ordered, out_type=tf.int64)
        return tf.reduce_sum(tf.math.log(ordered) / 3.0) + tf.cast(tf.reduce_sum(found), tf.float64)

    try:
        with _quiet(tf):
            values = strategy.run(tf.function(probe, autograph=False))
            ok = all(np.isfinite(v.numpy()) for v in strategy.experimental_local_results(values))
    except tf.errors.OpError:
        ok = False
    return "float64" if ok else "float32"


def agree(strategy: Any, hashes: Sequence[int]) -> list[int]:
    """Positions, in this worker's own list, of what the chief wants scored, in the chief's order.

    A chief that goes on with a stopped run has less to do than the other workers think.

    Raises:
        ConfigError: some worker lacks what the chief asks for; raised on every worker.
    """
    tf = import_tensorflow()
    mine = np.array([len(hashes), *hashes], np.int64)

    def say() -> Any:
        return tf.constant(mine)

    def exchange() -> Any:
        return strategy.gather(strategy.run(say), axis=0)

    said = tf.function(exchange, autograph=False)().numpy()
    lists, start = [], 0
    while start < len(said):
        end = start + 1 + int(said[start])
        lists.append(said[start + 1 : end].tolist())
        start = end
    wanted = lists[0]
    if lacking := [k for k, known in enumerate(lists) if set(wanted) - set(known)]:
        raise ConfigError(
            f"worker {lacking[0]} does not have all images and maps that the chief scores. "
            "Fix: run the same command on the same data on every worker"
        )
    place = {value: k for k, value in enumerate(hashes)}
    return [place[value] for value in wanted]


def _cluster() -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        config = json.loads(os.environ.get("TF_CONFIG", "") or "{}")
        return dict(config.get("cluster", {})), dict(config.get("task", {}))
    except (ValueError, TypeError, AttributeError):
        raise ConfigError(
            f"TF_CONFIG is not JSON of a cluster. Fix: TF_CONFIG='{EXAMPLE}'"
        ) from None


def _check_cluster() -> None:
    cluster, task = _cluster()
    kind, index = task.get("type"), task.get("index")
    members = cluster.get(kind) if isinstance(kind, str) else None
    if not members or not isinstance(index, int) or not 0 <= index < len(members):
        raise ConfigError(
            "strategy multiworker needs TF_CONFIG to name the cluster and this machine's place in "
            f"it; it says cluster {cluster}, task {task}. Fix: TF_CONFIG='{EXAMPLE}'"
        )


@contextmanager
def _quiet(tf: Any) -> Iterator[None]:
    # TensorFlow announces the devices of a strategy, and warns that CPUs do not use NCCL
    logger = tf.get_logger()
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
