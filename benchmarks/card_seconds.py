"""Seconds a picture of every model, as the cards state them: one core, 640x480, default options.

    python benchmarks/card_seconds.py [NAME ...] [--repeats 3] [--write]

Processor time of `predict_map` on the picture of classical_speed.py, the fastest of some runs
after one that warms up; a model that takes more than five seconds runs once more and no more. Every
model has a process of its own, on one core, and is run as `salbench predict` runs it; networks have
random weights, which cost the same. What needs something that is not there (a fit, a distribution)
is named and left out. `--write` puts the seconds into the cards of this tree. Prints a row a model
and, last, one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

SINGLE = dict.fromkeys(
    (
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
        *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
    ),
    "1",
)
SIZE = (480, 640)
LONG = 5.0  # seconds beyond which one run is enough
TIMEOUT = 600


def measure(name: str, repeats: int) -> dict[str, float]:
    """Seconds and peak memory of one model."""
    from classical_speed import picture

    from keras_saliency.predict.predictor import open_predictor

    warnings.simplefilter("ignore")
    if hasattr(os, "sched_setaffinity"):  # ONNX Runtime takes a thread for every core it may use
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    image = picture(*SIZE)
    model = open_predictor(name, allow_random_weights=True)
    model.predict_map(image)
    taken: list[float] = []
    while len(taken) < repeats and not any(one > LONG for one in taken):
        began = time.process_time()
        model.predict_map(image)
        taken.append(time.process_time() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": min(taken), "peak_mb": round(peak)}


def rounded(seconds: float) -> float:
    """Two digits: runs differ by more than the third."""
    return float(f"{seconds:.2g}")


def write(path: Path, seconds: float) -> None:
    """Put the seconds into a card, before its words about cost or else before its first table."""
    text = path.read_text(encoding="utf-8")
    line = f"seconds = {rounded(seconds)}\n"
    if re.search(r"(?m)^seconds = ", text):
        text = re.sub(r"(?m)^seconds = .*\n", line, text, count=1)
    else:
        place = re.search(r"(?m)^(cost|exports|uncertain) = |^\s*\[", text)
        at = len(text) if place is None else place.start()
        text = text[:at] + line + text[at:]
    path.write_text(text, encoding="utf-8")


def main() -> None:
    from keras_saliency import list_models, model_card

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.repeats)))
        return
    rows = {}
    for name in given.names or list_models():
        command = [sys.executable, __file__, "--one", name, "--repeats", str(given.repeats)]
        try:
            done = subprocess.run(
                command,
                env={**os.environ, **SINGLE},
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
            )
        except subprocess.TimeoutExpired:
            print(f"{name:26} left out: more than {TIMEOUT} s", flush=True)
            continue
        if done.returncode:
            print(f"{name:26} left out: {done.stderr.strip().splitlines()[-1][:120]}", flush=True)
            continue
        rows[name] = json.loads(done.stdout.strip().splitlines()[-1])
        print(f"{name:26} {rows[name]['seconds']:8.3f} s {rows[name]['peak_mb']:6} MB", flush=True)
        if given.write:
            write(Path(model_card(name).origin), rows[name]["seconds"])
    print(json.dumps({"size": list(SIZE), "models": rows}))


if __name__ == "__main__":
    main()
