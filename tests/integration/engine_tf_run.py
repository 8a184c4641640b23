"""Run by test_engine_tf.py, a process for each number of logical devices: scores a generated set.

    python engine_tf_run.py FOLDER JSON-OF-OPTIONS

Devices must be set before TensorFlow starts, hence a process of its own. Prints one JSON line.
"""

import dataclasses
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from benchmark_kit.errors import KitError
from benchmark_kit.imaging.images import write_npy, write_png
from benchmark_kit.maps.sources import FileReference
from benchmark_kit.scoring.plan import make_plan
from benchmark_kit.scoring.worker import Task
from benchmark_kit.types import Fixations, GroundTruth, Truths

SIZES = [(40, 60)] * 9 + [(33, 47)] * 6 + [(48, 48)] * 4 + [(20, 31)]


def make_set(folder, shipped=False, log_density=False, negative=False):
    """Ground truth and the tasks of a set with everything awkward in it."""
    rng = np.random.default_rng(7)
    truths, references = [], []
    for k, size in enumerate(rng.permutation(SIZES)):
        height, width = size = tuple(int(side) for side in size)
        count = 0 if k == 3 else int(rng.integers(1, 90))
        x, y = rng.uniform(0, width, count), rng.uniform(0, height, count)
        if count > 10:
            x[:5], y[:5] = x[5], y[5]
        fixations = None if k == 8 else Fixations(x, y, size)
        path = folder / f"density{k}.png"
        write_png(path, rng.integers(0, 256, size).astype(np.uint8))
        stimulus = folder / f"stimulus{k}.png"
        write_png(stimulus, rng.integers(0, 256, (*size, 3)).astype(np.uint8))
        truths.append(
            GroundTruth(f"g/{k:02d}", size, fixations, stimulus=stimulus, density_file=path)
        )
        references.append(FileReference(write_map(folder, k, size, rng, log_density)))
    if negative:
        write_npy(folder / "map05.npy", rng.normal(size=truths[5].size))
        references[5] = FileReference(folder / "map05.npy")
        (folder / "map06.npy").write_bytes(b"no map at all")
        references[6] = FileReference(folder / "map06.npy")
        broken = np.ones(truths[7].size)
        broken[2, 2] = np.nan
        write_npy(folder / "map07.npy", broken)
        references[7] = FileReference(folder / "map07.npy")
    source = "shipped" if shipped else "computed"
    truths = Truths("awkward", tuple(truths), sigma_px=4.0, density_source=source)
    tasks = [Task(t, r) for t, r in zip(truths, references, strict=True)]
    return truths, tasks


def write_map(folder, k, size, rng, log_density):
    values = rng.normal(size=size).cumsum(axis=0).cumsum(axis=1)
    values = (values - values.min()) / (values.max() - values.min())
    values = np.round(values, 2) if k % 2 else values
    if log_density:
        values = np.log((values + 0.01) / (values + 0.01).sum())
    elif k == 1:
        values = np.full(size, 0.37)
    elif k == 2:
        values = np.zeros(size)
    if log_density or k % 4 == 3:
        write_npy(folder / f"map{k:02d}.npy", values)
        return folder / f"map{k:02d}.npy"
    if k % 4 == 2:
        write_npy(folder / f"map{k:02d}.npy", values.astype(np.float32))
        return folder / f"map{k:02d}.npy"
    top = 255 if k % 4 == 0 else 65535
    write_png(
        folder / f"map{k:02d}.png", np.rint(values * top).astype(f"uint{8 if top == 255 else 16}")
    )
    return folder / f"map{k:02d}.png"


def plan_of(truths, options):
    return make_plan(
        truths,
        options.get("dialects", ["tuebingen", "mit"]),
        options.get("metrics"),
        log_density=options.get("log_density", False),
        seed=3,
    )


def brightness(images):
    """A stand-in for a network: a map from pictures, in graph."""
    import tensorflow as tf

    return tf.reduce_sum(tf.cast(images, tf.float32), axis=-1)


def interfere(options):
    """Let this process hang while it decodes, or die at some image."""
    from benchmark_kit.scoring.tf.feed import Feed

    decode, decoded = Feed._image, []

    def interrupted(*arguments):
        decoded.append(1)
        if options.get("hang"):
            time.sleep(600)
        if len(decoded) >= options.get("die_at_image", 1000):
            time.sleep(1)
            os._exit(17)
        return decode(*arguments)

    Feed._image = interrupted


def main(folder, options):
    from benchmark_kit.scoring.tf.engine import is_chief, score_in_graph

    truths, tasks = make_set(
        folder,
        options.get("shipped", False),
        options.get("log_density", False),
        options.get("negative", False),
    )
    if "devices" in options:
        import tensorflow as tf

        (cpu,) = tf.config.list_physical_devices("CPU")
        logical = [tf.config.LogicalDeviceConfiguration()] * options["devices"]
        tf.config.set_logical_device_configuration(cpu, logical)
    strategy = options["strategy"]
    if options.get("as_object"):
        import tensorflow as tf

        strategy = tf.distribute.MirroredStrategy(["/cpu:1", "/cpu:0"])
    if options.get("float32"):
        from benchmark_kit.scoring.tf import engine as engine_tf

        engine_tf.float_type = lambda strategy: "float32"
    interfere(options)
    skip = set(options.get("skip", ()))
    blocks, notes = [], []

    def on_rows(block):
        blocks.append([row.name for row in block])

    said = {"chief": is_chief(strategy)}
    try:
        rows = score_in_graph(
            plan_of(truths, options),
            [task for task in tasks if task.name not in skip],
            strategy=strategy,
            workers=2,
            on_rows=on_rows,
            on_note=notes.append,
            predictor=brightness if options.get("predictor") else None,
            batch=options.get("batch"),
            timeout_seconds=options.get("timeout", 60),
        )
        said["rows"] = [dataclasses.asdict(row) for row in rows]
    except KitError as error:
        said["error"], said["text"] = type(error).__name__, str(error)
    said["blocks"], said["notes"] = blocks, notes
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
