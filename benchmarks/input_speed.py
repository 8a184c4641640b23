"""How fast training pictures are prepared, beside how fast a network trains on them.

    python benchmarks/input_speed.py [--model ml_net] [--pictures 64] [--epoch 10000]

Pictures of 800x600 with 150 fixations each are generated and stored as JPEG. The rate of the
pipeline is that of whole batches with mirroring and cropping (decoded each time, and from memory);
the network's is that of `fit` on one batch that is there already. Then an epoch of 10,000 pictures
(files that are read again and again under other names) is gone through, at 240x320 to save time,
and the memory of the process after each tenth of it is told; what grows in the second half is
its growth. Last, one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmark_kit.types import Fixations, GroundTruth, Truths
from keras_saliency import build_model
from keras_saliency.data import Augmentation, batches
from keras_saliency.training.recipe import compile_recipe

SIZE = (600, 800)
TENTHS = 10


def generated(folder: Path, pictures: int) -> Truths:
    """Photographs' like: patches of many sizes, and fixations around a few places."""
    from PIL import Image

    images = []
    for k in range(pictures):
        rng = np.random.default_rng(k)
        small = rng.integers(0, 256, (30, 40, 3), np.uint8)
        picture = Image.fromarray(small).resize(SIZE[::-1], Image.Resampling.BICUBIC)
        path = folder / f"{k:04d}.jpg"
        picture.save(path, quality=90)
        places = rng.uniform(100, 500, (4, 2))[rng.integers(0, 4, 150)]
        y, x = np.clip(places + rng.normal(0, 30, (150, 2)), 0, 599).T
        images.append(GroundTruth(path.stem, SIZE, Fixations(x, y, SIZE), stimulus=path))
    return Truths("generated", tuple(images))


def many(truths: Truths, count: int) -> Truths:
    """So many pictures, files repeated under other names."""
    images = [truths.images[k % len(truths)] for k in range(count)]
    named = [
        GroundTruth(f"{k:06d}", truth.size, truth.fixations, stimulus=truth.stimulus)
        for k, truth in enumerate(images)
    ]
    return Truths("generated", tuple(named))


def resident() -> float:
    """Memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def rate(found) -> float:
    """Pictures a second of an epoch."""
    began = time.perf_counter()
    count = sum(len(batch[0]) for batch in found.stream(0))
    return count / (time.perf_counter() - began)


def training_rate(model, batch, repeats: int = 2) -> float:
    """Pictures a second of training steps on one batch."""
    inputs, targets = batch
    model.train_on_batch(inputs, targets)
    began = time.perf_counter()
    for _ in range(repeats):
        model.train_on_batch(inputs, targets)
    return repeats * len(inputs) / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="ml_net")
    parser.add_argument("--pictures", type=int, default=64)
    parser.add_argument("--epoch", type=int, default=10_000)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    model = build_model(given.model)
    compile_recipe(model)
    augment = Augmentation(mirror=0.5, crop=0.8)
    row: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        truths = generated(Path(folder), given.pictures)
        decoded = batches(truths, model, augment=augment, cache=False)
        row["decoded_per_s"] = rate(decoded)
        kept = batches(truths, model, augment=augment)
        rate(kept)
        row["kept_per_s"] = rate(kept)
        print(f"pipeline  {row['decoded_per_s']:8.1f} pictures/s decoded each time", flush=True)
        print(f"          {row['kept_per_s']:8.1f} pictures/s from memory", flush=True)
        inputs, targets = decoded.arrays(0, 0)
        row["training_per_s"] = training_rate(model, (inputs[:2], targets[:2]))
        row["times_training"] = row["decoded_per_s"] / row["training_per_s"]
        print(f"training  {row['training_per_s']:8.2f} pictures/s of {given.model}", flush=True)
        print(f"ratio     {row['times_training']:8.1f}", flush=True)
        model = build_model(given.model, input_shape=(240, 320))
        compile_recipe(model)
        epoch = batches(many(truths, given.epoch), model, augment=augment, cache=False)
        memory = [resident()]
        for step, _ in enumerate(epoch.stream(0), start=1):
            if step * TENTHS // epoch.steps > (step - 1) * TENTHS // epoch.steps:
                memory.append(resident())
        row["memory_first_tenth_mb"], row["memory_last_tenth_mb"] = memory[1], memory[-1]
        # the allocator takes what it needs in the first half: what leaks goes on in the second
        row["memory_growth_mb"] = memory[-1] - memory[TENTHS // 2]
        print("memory    " + " ".join(f"{value:.0f}" for value in memory) + " MB", flush=True)
    print(json.dumps({key: round(value, 2) for key, value in row.items()}))


if __name__ == "__main__":
    main()
