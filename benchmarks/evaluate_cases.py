"""What `evaluate` costs beside its usual case: other densities, full HD, yardsticks, plans.

    python benchmarks/evaluate_cases.py [--images 24]

Processor time of one thread, on generated pictures. The floor of a row is decoding its map once by
the decoder that evaluate uses; the memory is the peak of a process that scores images of 1920x1080.
Prints one row a case and, last, one JSON line.
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
from dataclasses import replace
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

from benchmark_kit.imaging.density import blur_points
from benchmark_kit.imaging.images import read_map, write_npy, write_png
from benchmark_kit.maps.sources import FileReference
from benchmark_kit.scoring.plan import make_plan
from benchmark_kit.scoring.scorer import Scorer
from benchmark_kit.scoring.worker import Task, score_task
from benchmark_kit.scoring.yardsticks import make_yardsticks
from benchmark_kit.systems import kept_memory
from benchmark_kit.types import Fixations, GroundTruth, Truths

SIZE, FULL_HD = (600, 800), (1080, 1920)  # OSIE's size
OBSERVERS, EACH = 15, 9
IMAGES_OF_A_PLAN = 5000


def image(k: int, size: tuple[int, int]) -> GroundTruth:
    rng = np.random.default_rng([k, *size])
    centres = rng.uniform(0.2, 0.8, (5, 2)) * size
    points = rng.normal(centres[rng.integers(5, size=OBSERVERS * EACH)], 0.06 * size[0])
    points = np.clip(points, 0, np.array(size) - 1)
    subject = np.repeat(np.arange(OBSERVERS), EACH)
    return GroundTruth(f"{k:05}", size, Fixations(points[:, 1], points[:, 0], size, subject))


def map_of(truth: GroundTruth) -> np.ndarray:
    rng = np.random.default_rng(int(truth.name))
    other = rng.integers(truth.size[0] * truth.size[1], size=40)
    index = np.concatenate([truth.fixations.flat_index, other])
    values = blur_points(index, truth.size, 0.04 * truth.size[0])
    return values / values.max()


def least(run, repeats: int = 3) -> float:
    taken = []
    for _ in range(repeats):
        began = time.process_time()
        run()
        taken.append(time.process_time() - began)
    return min(taken)


def scored(truths: Truths, folder: Path, suffix: str, **options) -> float:
    """Milliseconds an image."""
    scorer = Scorer(make_plan(truths, ["tuebingen"], None, **options))
    tasks = [Task(t, FileReference(folder / f"{t.name}{suffix}")) for t in truths]
    score_task(scorer, tasks[0])
    return 1e3 * least(lambda: [score_task(scorer, task) for task in tasks]) / len(tasks)


def yardsticks(truths: Truths) -> float:
    """Milliseconds an image."""
    plan = make_plan(truths, ["tuebingen"], None)
    work, _ = make_yardsticks(truths, list(truths.names), plan.bias, None, 0)
    scorer = Scorer(plan)
    few = [one for one in work if one[0].name in truths.names[:4]]
    few.sort(key=lambda one: one[0].name)  # as a run has them
    return 1e3 * least(lambda: [y.row(scorer, truth) for truth, y in few], 1) / 4


def full_hd(images: int) -> None:
    """Score maps of 1920x1080 and print this process's peak in MB."""
    truths = Truths("made", tuple(image(k, FULL_HD) for k in range(images)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for truth in truths:
            write_png(folder / f"{truth.name}.png", np.ceil(255 * map_of(truth)).astype(np.uint8))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        scored(truths, folder, ".png")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"before": before / 1024, "peak": after / 1024}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=24)
    parser.add_argument("--full-hd", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.full_hd:
        return full_hd(given.full_hd)
    truths = Truths("made", tuple(image(k, SIZE) for k in range(given.images)))
    row: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for truth in truths:
            values = map_of(truth)
            write_png(folder / f"{truth.name}.png", np.ceil(255 * values).astype(np.uint8))
            density = (values + 1e-6) / (values + 1e-6).sum()
            write_npy(folder / f"{truth.name}.npy", np.log(density).astype(np.float32))
        files = [folder / f"{truth.name}.png" for truth in truths]
        row["floor_ms"] = 1e3 * least(lambda: [read_map(path) for path in files]) / len(files)
        row["computed_ms"] = scored(truths, folder, ".png")
        row["log_density_ms"] = scored(truths, folder, ".npy", log_density=True)
        row["yardsticks_ms"] = yardsticks(truths)
    line = [sys.executable, __file__, "--full-hd", "40"]
    peak = json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    row["full_hd_peak_mb"] = peak["peak"]
    many = tuple(replace(image(k % 50, (480, 640)), name=str(k)) for k in range(IMAGES_OF_A_PLAN))
    large = Truths("made", many)
    for truth in large:
        assert truth.fixations.flat_index is not None  # read with the data set
    row["plan_5000_s"] = least(lambda: make_plan(large, ["tuebingen"], None))
    row["computed_to_floor"] = row["computed_ms"] / row["floor_ms"]
    row["yardsticks_to_computed"] = 1 + row["yardsticks_ms"] / row["computed_ms"]
    for key, value in row.items():
        print(f"{key:24} {value:9.2f}")
    print(json.dumps({key: round(value, 3) for key, value in row.items()}))


if __name__ == "__main__":
    with kept_memory():  # as in a worker
        main()
