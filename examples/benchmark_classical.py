"""Score every training-free model on one data set, without writing maps, as one Markdown table.

    python examples/benchmark_classical.py                                  # on generated displays
    python examples/benchmark_classical.py --dataset osie --root osie/      # on real eye tracking
    python examples/benchmark_classical.py --dataset mit1003 --root mit1003/ --models itti,gbvs_srgb

Models whose table is not there (AIM_BASES, SUN_STATS, GBVS_DKL) are left out and named. With --out
a model whose results lie there is not scored again. Seconds are those of one core for the data
set's first picture; memory is the most that a process held while it predicted it. "published" is a
model's rank by NSS among these on the old board of MIT300, as remembered and not verified.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmark_kit import evaluate, get_dataset
from benchmark_kit.errors import ConfigError
from benchmark_kit.parallel import one_thread_each
from benchmark_kit.results.record import Results, load_results_of
from benchmark_kit.types import Truths
from keras_saliency import build_model, list_models
from keras_saliency.demo.dataset import write_dataset
from keras_saliency.demo.displays import make_displays

METRICS = ("auc", "sauc", "nss", "cc", "kl", "sim")
PUBLISHED = {  # NSS of the old MIT300 board
    "bms": 1.41,
    "gbvs": 1.24,
    "covsal": 1.22,
    "rare2012_like": 1.15,
    "image_signature": 1.01,
    "aws_like": 1.01,
    "itti": 0.97,
    "context_aware": 0.95,
    "aim": 0.79,
    "sun": 0.68,
    "itti1998": 0.43,
}


def predict_once(name: str, picture: Path) -> tuple[float, float]:
    """Seconds and megabytes of one prediction; run in a process of its own."""
    model = build_model(name)
    model.predict_map(picture)  # imports and tables are made once
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
            print(f"left out: {error}", file=sys.stderr)
        else:
            found.append(name)
    return found


def scored(name: str, truths: Truths, out: Path | None, *, yardsticks: bool = False) -> Results:
    """A model's results: those that lie in `out`, else new ones, kept there."""
    file = out and out / f"{'yardsticks' if yardsticks else name}.json"
    if file and (kept := load_results_of(file, truths)):
        return kept
    print(f"scoring {name} on {len(truths)} pictures", file=sys.stderr)
    return evaluate(
        None,
        truths,
        model=name,
        metrics=METRICS,
        yardsticks=yardsticks,
        bootstrap=0,
        out=file,
        force=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="folder")
    parser.add_argument("--root", type=Path, help="the data set's folder; none: generated displays")
    parser.add_argument("--models", help="names, comma separated; none: all")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each N-th picture only")
    parser.add_argument("--out", type=Path, help="folder for a results file a model")
    given = parser.parse_args()
    if given.every < 1:
        parser.error(f"--every must be 1 or more; found {given.every}")
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        root = given.root or Path(temporary)
        if given.root is None:
            write_dataset(root, make_displays(seed=0), seed=0)
        truths = get_dataset(given.dataset, root)
        truths = truths.subset(truths.names[:: given.every])
        picture = next(iter(truths)).stimulus
        names = given.models.split(",") if given.models else list_models(kind="training-free")
        rows = []
        for name in usable(names):
            with one_thread_each(), multiprocessing.get_context("spawn").Pool(1) as pool:
                cost = pool.apply(predict_once, (name, picture))
            rows.append((name, scored(name, truths, given.out), cost))
        yardsticks = scored("uniform", truths, given.out, yardsticks=True).yardsticks
    rows.sort(key=lambda row: -row[1].value("nss"))
    order = sorted(PUBLISHED.values(), reverse=True)
    print(f"| {truths.name} | published | {' | '.join(METRICS)} | s | MB |")
    print(f"|---{'|---:' * (len(METRICS) + 3)}|")
    for name, results, (seconds, memory) in rows:
        rank = order.index(PUBLISHED[name]) + 1 if name in PUBLISHED else ""
        values = " | ".join(f"{results.value(key):.3f}" for key in METRICS)
        print(f"| `{name}` | {rank} | {values} | {seconds:.2f} | {memory:.0f} |")
    for name, found in sorted(yardsticks.items(), key=lambda item: -item[1]["nss"]["value"]):
        values = " | ".join(f"{found[key]['value']:.3f}" for key in METRICS)
        print(f"| *{name}* | | {values} | | |")
    ranked = [(PUBLISHED[name], found.value("nss")) for name, found, _ in rows if name in PUBLISHED]
    if len(ranked) > 2:
        # imported here, because the processes that are measured import this file
        from scipy.stats import spearmanr

        print(f"\nSpearman correlation with the published NSS: {spearmanr(ranked).statistic:.2f}")


if __name__ == "__main__":
    main()
