"""Passes and training steps of networks on one core: what dilation, constants and bfloat16 change.

    python benchmarks/network_steps.py [NAME[:OPTION=VALUE ...] ...] [--repeats 3]

CPU seconds of one thread for one picture of the default size, all ways in turn in one process, the
fastest of the repeats: a pass with dilated convolutions as Keras makes them (`pass_keras`), as this
package does (`pass`), with weights as constants (`pass_constants`) and under ONNX Runtime
(`pass_onnx`, with the seconds of the export, where the network exports); a training step in the
first two ways (`step_keras`, `step`), under the policy mixed_bfloat16 (`step_bfloat16`), with the
trunk frozen (`step_frozen`), and with what that gives kept (`step_kept`). Beside them the floor:
the convolutions' multiply-adds at the rate of a float32 matrix product of this machine, once for a
pass, three times for a step. Prints a row a network and, last, one JSON line.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for _variable in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
    os.environ[_variable] = "1"

import numpy as np

NAMES = ("msi_net", "msi_net:encoder=efficientnet_lite0", "ml_net")


def fastest(ways: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """CPU seconds of each way, taken in turn after one round that warms up."""
    taken = {name: math.inf for name in ways}
    for round_ in range(repeats + 1):
        for name, run in ways.items():
            began = time.process_time()
            run()
            if round_:
                taken[name] = min(taken[name], time.process_time() - began)
    return taken


def multiply_adds(model: Any) -> float:
    """Those of the convolutions for one picture, in 10^9."""
    total = 0
    for layer in model._flatten_layers():
        if hasattr(layer, "kernel_size"):
            total += math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:3])
    return total / 1e9


def step_of(model: Any, pictures: Any, loss: Any) -> Callable[[], Any]:
    """A training step by stochastic gradient descent that leaves the weights."""
    model.compile("sgd", loss)
    model.optimizer.learning_rate = 0.0
    target = np.full(np.asarray(model.predict_on_batch(pictures)).shape, 0.5, np.float32)
    return lambda: model.train_on_batch(pictures, target)


def exported(model: Any) -> Any:
    """The network in a session of ONNX Runtime of one thread; None where it does not export."""
    import onnxruntime

    from benchmark_kit.errors import RunFailed
    from keras_saliency.export import export_network

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        try:
            export_network(model, path)
        except RunFailed:
            return None
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def trunk_frozen(model: Any) -> Any:
    """As `salbench train --freeze trunk` has it."""
    from keras_saliency.training.freeze import freeze_layers

    freeze_layers(model, ["trunk"])
    return model


def measure(text: str, repeats: int) -> dict[str, float]:
    """One network's row."""
    import keras
    import tensorflow as tf

    from keras_saliency import build_model
    from keras_saliency.base.many_pictures import _Frozen
    from keras_saliency.ops import convolve
    from keras_saliency.training.kept_features import keeping_features
    from keras_saliency.training.steps import Steps

    warnings.simplefilter("ignore")
    name, *options = text.split(":")
    given = dict(option.split("=") for option in options)
    in_place = convolve._learns_in_place

    def network(keras_way: bool = False, policy: str = "float32") -> Any:
        convolve._learns_in_place = (lambda dtype: False) if keras_way else in_place
        keras.config.set_dtype_policy(policy)
        return build_model(name, **given)

    def warm(model: Any) -> Any:
        model.predict_on_batch(pictures)  # traced while its way holds
        return model

    rng = np.random.default_rng(0)
    matrix = tf.constant(rng.normal(size=(2048, 2048)), "float32")
    first = network()
    pictures = rng.normal(0, 50, (1, *first.front.frame, 3)).astype(np.float32)
    ours, theirs = warm(first), warm(network(keras_way=True))
    convolve._learns_in_place = in_place
    frozen = _Frozen(ours, ((*ours.front.frame, 3),))
    passes = {
        "matrix": lambda: tf.matmul(matrix, matrix).numpy(),
        "pass_keras": lambda: theirs.predict_on_batch(pictures),
        "pass": lambda: ours.predict_on_batch(pictures),
        "pass_constants": lambda: frozen([pictures]),
    }
    began = time.process_time()
    if session := exported(ours):
        export = {"export": time.process_time() - began}
        passes["pass_onnx"] = lambda: session.run(None, {session.get_inputs()[0].name: pictures})
    row = fastest(passes, repeats) | (export if session else {})
    steps, still = {}, trunk_frozen(network())
    for key, model, keras_way in (
        ("step_keras", theirs, True),
        ("step", ours, False),
        ("step_bfloat16", network(policy="mixed_bfloat16"), False),
        ("step_frozen", still, False),
    ):
        convolve._learns_in_place = (lambda dtype: False) if keras_way else in_place
        steps[key] = step_of(model, pictures, "mse")
        steps[key]()  # traced while its way holds
    kept = keeping_features(Steps(still), None)
    target = np.full(np.asarray(still.predict_on_batch(pictures)).shape, 0.5, np.float32)
    steps["step_kept"] = lambda: kept.learn(pictures, target)
    row |= fastest(steps, repeats)
    floor = multiply_adds(ours) * row.pop("matrix") / (2048**3 / 1e9)
    return row | {"floor": floor, "multiply_adds": multiply_adds(ours)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.repeats)))
        return
    found = {}
    for name in given.names:
        command = [sys.executable, __file__, "--one", name, "--repeats", str(given.repeats)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print(f"{name}: {done.stderr.strip().splitlines()[-1]}")
            continue
        row = json.loads(done.stdout.strip().splitlines()[-1])
        found[name] = {key: round(value, 3) for key, value in row.items()}
        print(f"{name:40} {found[name]}", flush=True)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
