"""Score every training-free model on one data set, without writing maps, as one Markdown table.

    python examples/benchmark_classical.py                                  # on generated displays
    python examples/benchmark_classical.py --dataset osie --root osie/      # on real eye tracking
    python examples/benchmark_classical.py --dataset mit1003 --root mit1003/ --models itti,gbvs_srgb

Models whose table is not there (AIM_BASES, SUN_STATS, GBVS_DKL) are left out and named. Seconds are
those of one core for the first picture; memory is the most that a process held while it predicted.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

from benchmark_kit import evaluate, get_dataset
from benchmark_kit.errors import ConfigError
from keras_saliency import build_model, list_models
from keras_saliency.demo.dataset import write_dataset
from keras_saliency.demo.displays import make_displays

METRICS = ("auc", "sauc", "nss", "cc", "kl", "sim")


def predict_once(name: str, picture: Path) -> tuple[float, float]:
    """Seconds and megabytes of one prediction; run in a process of its own."""
    model = build_model(name)
    began = time.process_time()
    model.predict_map(picture)
    seconds = time.process_time() - began
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def usable(names: list[str]) -> list[str]:
    """The models that can be built here; the others are named."""
    found = []
    for name in names:
        try:
            build_model(name)
        except ConfigError as error:
            print(f"left out: {error}")
        else:
            found.append(name)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="folder")
    parser.add_argument("--root", type=Path, help="the data set's folder; none: generated displays")
    parser.add_argument("--models", help="names, comma separated; none: all")
    parser.add_argument("--out", type=Path, help="folder for a results file a model")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = given.root or Path(temporary)
        if given.root is None:
            write_dataset(root, make_displays(seed=0), seed=0)
        truths = get_dataset(given.dataset, root)
        names = given.models.split(",") if given.models else list_models(kind="training-free")
        rows = []
        for name in usable(names):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                cost = pool.apply(predict_once, (name, next(iter(truths)).stimulus))
            out = given.out and given.out / f"{name}.json"
            if given.out:
                given.out.mkdir(parents=True, exist_ok=True)
            results = evaluate(
                None, truths, model=name, metrics=METRICS, out=out, bootstrap=0, force=True
            )
            rows.append((name, results, cost))
        yardsticks = evaluate(
            None, truths, model="uniform", metrics=METRICS, yardsticks=True, bootstrap=0
        ).yardsticks
    rows.sort(key=lambda row: -row[1].value("nss"))
    print(f"| {truths.name} | {' | '.join(METRICS)} | s | MB |")
    print(f"|---{'|---:' * (len(METRICS) + 2)}|")
    for name, results, (seconds, memory) in rows:
        values = " | ".join(f"{results.value(key):.3f}" for key in METRICS)
        print(f"| `{name}` | {values} | {seconds:.2f} | {memory:.0f} |")
    for name, found in yardsticks.items():
        values = " | ".join(f"{found[key]['value']:.3f}" for key in METRICS)
        print(f"| *{name}* | {values} | | |")


if __name__ == "__main__":
    main()
