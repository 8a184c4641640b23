"""How fast the networks are, beside the processor's own matrix rate and beside ONNX Runtime.

    python benchmarks/model_speed.py [NAME ...] [--repeats 3] [--no-onnx]

For each network at its default size: images a second in float32 and under the policy
mixed_bfloat16 (with the correlation of the two maps), the share of the matrix rate that its
multiply-adds reach, ONNX Runtime on the same graph where it exports, `predict_maps` on pictures
beside the bare network, and peak memory. Every network runs in a process of its own. Prints a row a
network and, last, one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

NAMES = ("ml_net", "msi_net", "salgan", "eml_net_resnet50", "sam_vgg", "salnet", "dva", "densesal")
# multiply-adds of one image at the default size, in 10^9
COST = {
    "juntingnet": 0.11,
    "salnet": 134,
    "ml_net": 123,
    "sam_vgg": 151,
    "sam_resnet": 161,
    "salgan": 40,
    "eml_net": 110,
    "eml_net_resnet50": 25,
    "msi_net": 46,
    "dva": 53,
    "densesal": 69,
    "pconv_unet": 38,
    "inpainting_resnet101": 41,
}


def best(run: Callable[[], object], repeats: int) -> float:
    """Seconds of the fastest of some runs, after one that warms up."""
    run()
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return min(taken)


def matrix_rate() -> float:
    """10^9 multiply-adds a second of a float32 matrix product, by the backend's own kernels."""
    from keras import ops

    a = ops.convert_to_tensor(np.random.default_rng(0).normal(size=(2048, 2048)).astype("float32"))
    return 2048**3 / 1e9 / best(lambda: np.asarray(ops.matmul(a, a))[0, 0], 5)


def measure(name: str, repeats: int, onnx: bool) -> dict[str, float]:
    """One network's row."""
    import keras

    from keras_saliency import build_model
    from keras_saliency.export import export_network, random_batch

    warnings.simplefilter("ignore")
    row: dict[str, float] = {}
    model = build_model(name)
    rng = np.random.default_rng(0)
    batch = random_batch(model, model.front.frame if model.front else (512, 512))
    given = batch[0] if len(batch) == 1 else batch
    seconds = best(lambda: model.predict_on_batch(given), repeats)
    row["float32_per_s"] = 1 / seconds
    row["matrix_rate"] = matrix_rate()
    if name in COST:
        row["share_of_matrix_rate"] = COST[name] / seconds / row["matrix_rate"]
    maps = np.asarray(_last(model.predict_on_batch(given)), np.float64).ravel()
    if model.front is not None:
        pictures = [rng.integers(0, 256, (480, 640, 3), np.uint8) for _ in range(8)]
        each = best(lambda: list(model.predict_maps(pictures, batch_size=1)), 1) / len(pictures)
        row["predict_maps_to_bare"] = each / seconds
    if onnx:
        try:
            row["keras_to_onnxruntime"] = seconds / onnx_seconds(
                model, batch, repeats, export_network
            )
        except Exception as error:
            print(f"  {name}: no ONNX ({' '.join(str(error).split())[:120]})")
    weights = model.get_weights()
    keras.config.set_dtype_policy("mixed_bfloat16")
    small = build_model(name)
    small.set_weights(weights)
    row["bfloat16_to_float32"] = seconds / best(lambda: small.predict_on_batch(given), repeats)
    other = np.asarray(_last(small.predict_on_batch(given)), np.float64).ravel()
    if maps.std() and other.std():
        row["correlation"] = float(np.corrcoef(maps, other)[0, 1])
    row["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return row


def _last(outputs):
    if isinstance(outputs, dict):
        return outputs["map"]
    return outputs[-1] if isinstance(outputs, list | tuple) else outputs


def onnx_seconds(model, batch, repeats: int, export_network) -> float:
    """ONNX Runtime on the same graph."""
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        export_network(model, path)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        given = {e.name: v for e, v in zip(session.get_inputs(), batch, strict=True)}
        return best(lambda: session.run(None, given), repeats)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--no-onnx", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.repeats, not given.no_onnx)))
        return
    found = {}
    for name in given.names:
        command = [sys.executable, __file__, "--one", name, "--repeats", str(given.repeats)]
        command += ["--no-onnx"] if given.no_onnx else []
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print(f"{name}: {done.stderr.strip().splitlines()[-1]}")
            continue
        *notes, line = done.stdout.strip().splitlines()
        found[name] = {key: round(value, 4) for key, value in json.loads(line).items()}
        print("\n".join([*notes, f"{name:24} {found[name]}"]), flush=True)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
