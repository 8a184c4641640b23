"""How fast the tf engine scores on the devices at hand, beside the process pool.

    python benchmarks/engine_tf_speed.py [--images 200] [--strategy one,mirrored] [--batch 0]

Generates 640x480 maps (8-bit PNG and float32 npy) with 515 fixations an image and densities as
8-bit PNG, scores each set by both engines, and compares the rows. The first run of the tf engine
traces and warms up; the best of the following ones counts. `score` is the step on the devices
alone, the batches being ready. Prints a row a measurement and, last, one JSON line.

    python benchmarks/engine_tf_speed.py --network msi_net:encoder=efficientnet_lite0 --images 24

A network with random weights predicts the maps while they are scored: by the pool, whose
processes each open it, and in the engine's graph on one device and on two logical devices of this
processor (each run traces the graph anew). Beside them the parts, in images a second: `feed`
(pictures, densities and fixations made ready), `network` (pictures to maps), `step` (network and
scores, the batches being ready). Where the whole is slower than the step, devices wait.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmark_kit.imaging.density import blur_points
from benchmark_kit.imaging.images import write_npy, write_png
from benchmark_kit.maps.sources import FileReference
from benchmark_kit.parallel import default_workers
from benchmark_kit.scoring.engine_pool import score_in_pool
from benchmark_kit.scoring.plan import ScoringPlan, make_plan
from benchmark_kit.scoring.predictions import PredictedReference
from benchmark_kit.scoring.tf.columns import restrict
from benchmark_kit.scoring.tf.engine import batch_size, score_in_graph
from benchmark_kit.scoring.tf.feed import Feed, lay_out
from benchmark_kit.scoring.tf.steps import Steps
from benchmark_kit.scoring.worker import Task
from benchmark_kit.strategy import float_type, import_tensorflow, open_strategy
from benchmark_kit.types import Fixations, GroundTruth, Row, Truths

SIZE = (480, 640)
FIXATIONS = 515
SEVEN = ("auc", "sauc", "nss", "cc", "sim", "kl", "ig")


def make_image(k: int, folder: Path) -> GroundTruth:
    """One image's fixations, density and maps, seeded by its number."""
    rng = np.random.default_rng(k)
    centres = rng.uniform((0.2, 0.2), (0.8, 0.8), (5, 2)) * SIZE
    points = rng.normal(centres[rng.integers(5, size=FIXATIONS)], 35)
    points = np.clip(points, 0, np.array(SIZE) - 1).astype(int)
    fixations = Fixations(points[:, 1], points[:, 0], SIZE)
    density = blur_points(fixations.flat_index, SIZE, 19.0)
    floats = density / density.max() + rng.normal(0, 0.004, SIZE)
    floats = (floats - floats.min()) / (floats.max() - floats.min())
    path = folder / f"density{k}.png"
    write_png(path, np.rint(255 * density / density.max()).astype(np.uint8))
    write_png(folder / f"map{k}.png", np.ceil(255 * floats).astype(np.uint8))
    write_npy(folder / f"map{k}.npy", floats.astype(np.float32))
    return GroundTruth(f"{k:06d}", SIZE, fixations, density_file=path)


def rate(run: Callable[[], Any], repeats: int, count: int = 0) -> tuple[float, Any]:
    """Images a second in the best of some runs, and what it gave: `count` images, or each one."""
    best, rows = 0.0, []
    for _ in range(repeats):
        began = time.perf_counter()
        rows = run()
        best = max(best, (count or len(rows)) / (time.perf_counter() - began))
    return best, rows


def device_rate(
    plan: ScoringPlan, tasks: list[Task], strategy: Any, batch: int, predictor: Any = None
) -> float:
    """Images a second of the step alone: one batch, fed again and again."""
    replicas = strategy.num_replicas_in_sync
    floats = float_type(strategy)
    size = batch or batch_size(tasks, replicas)
    few = tasks[: size * replicas]
    feed = Feed(plan, few, floats, default_workers(), stimuli=predictor is not None)
    steps = Steps(plan, strategy, floats, size, predictor=predictor, keep_maps=False)
    ((kind, positions),) = feed.kinds().items()
    data = steps._distribute(feed, kind, lay_out(positions, few, size, replicas))
    step = import_tensorflow().function(
        steps._step, input_signature=[data.element_spec], autograph=False
    )
    given = next(iter(data))
    step(given)[0].numpy()
    best = 0.0
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(3):
            out = step(given)
        out[0].numpy()
        best = max(best, 3 * size * replicas / (time.perf_counter() - began))
    return best


def tf_predictor(network: str) -> tuple[Any, Callable[[Any], Any]]:
    """A network and its maps of pictures (b, height, width, 3), uint8, by TensorFlow alone.

    Its frame's aspect should be the pictures': they are squeezed into it.
    """
    from keras_saliency.predict.predictor import open_predictor

    tf = import_tensorflow()
    model = open_predictor(network, engine="keras", allow_random_weights=True)
    colours = model.front.colours

    def predict(images: Any) -> Any:
        framed = tf.image.resize(images, model.front.frame, "area")
        framed = framed[..., ::-1] if colours.order == "bgr" else framed
        maps = model((framed * colours.scale - colours.mean) / colours.deviation, training=False)
        return tf.image.resize(maps, tf.shape(images)[1:3])

    return model, predict


def with_network(network: str, count: int, repeats: int) -> dict[str, float]:
    """Images a second of each way, and of the parts of the engine's."""
    tf = import_tensorflow()
    cpu = tf.config.list_physical_devices("CPU")[0]
    half = tf.config.LogicalDeviceConfiguration()
    tf.config.set_logical_device_configuration(cpu, [half, half])
    found: dict[str, float] = {}

    def tell(what: str, value: float) -> None:
        found[what] = round(value, 2)
        print(f"{what:16} {value:9.2f} images/s", flush=True)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = tuple(with_picture(make_image(k, folder), folder) for k in range(count))
        plan = make_plan(
            Truths("generated", images, density_source="shipped"), ["tuebingen"], SEVEN
        )
        model, predict = tf_predictor(network)
        model.random_weights = False  # for the file: the pool opens nothing untrained
        model.save(folder / "network.keras")
        maps = [
            PredictedReference(f"{folder}/network.keras", truth.stimulus, truth.size, False)
            for truth in images
        ]
        tasks = [Task(*pair) for pair in zip(images, maps, strict=True)]
        tell("pool", rate(lambda: score_in_pool(plan, tasks), repeats)[0])
        device = restrict(plan, device=True)
        batch = min(4, count)
        feed = Feed(device, tasks, "float64", default_workers(), stimuli=True)
        ((kind, positions),) = feed.kinds().items()
        pieces = lay_out(positions, tasks, batch, 1)
        tell("feed", rate(lambda: list(feed.batches(kind, pieces)), repeats, count)[0])
        pictures = tf.zeros((batch, *SIZE, 3), tf.uint8)
        alone = tf.function(predict, autograph=False)
        alone(pictures)
        tell("network", rate(lambda: alone(pictures).numpy(), repeats)[0])
        for what, strategy in (
            ("one device", open_strategy("one", 60.0)),
            ("two devices", tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])),
        ):
            with strategy.scope():
                _, predict = tf_predictor(network)

            options = {"strategy": strategy, "predictor": predict, "batch": batch}
            run = partial(score_in_graph, plan, tasks, **options)
            run()
            tell(f"{what}, step", device_rate(device, tasks, strategy, batch, predict))
            tell(what, rate(run, repeats)[0])
    return found


def with_picture(truth: GroundTruth, folder: Path) -> GroundTruth:
    """The ground truth with a picture of its own."""
    rng = np.random.default_rng(int(truth.name))
    blocks = rng.integers(0, 256, (SIZE[0] // 16, SIZE[1] // 16, 3))
    path = folder / f"picture{truth.name}.png"
    write_png(path, np.kron(blocks, np.ones((16, 16, 1), int)).astype(np.uint8))
    return replace(truth, stimulus=path)


def largest_difference(rows: list[Row], others: list[Row]) -> float:
    """Over all columns of all rows."""
    return max(
        abs(a.values[key] - b.values[key])
        for a, b in zip(rows, others, strict=True)
        for key in a.values
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--strategy", default="one,mirrored")
    parser.add_argument(
        "--batch", type=int, default=0, help="images a replica and step; 0: by size"
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--network", help="a network, with options, that predicts the maps")
    given = parser.parse_args()
    if given.network:
        print(json.dumps(with_network(given.network, given.images, given.repeats)))
        return
    tf = import_tensorflow()
    devices = [d.name for kind in ("GPU", "CPU") for d in tf.config.list_logical_devices(kind)]
    print(f"devices {', '.join(devices)}; {default_workers()} cores; {given.images} images")
    rates: dict[str, float] = {}
    differences: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = tuple(make_image(k, folder) for k in range(given.images))
        truths = Truths("generated", images, density_source="shipped")
        plan = make_plan(truths, ["tuebingen"], SEVEN)
        for suffix in ("png", "npy"):
            tasks = [Task(t, FileReference(folder / f"map{int(t.name)}.{suffix}")) for t in images]
            pool, expected = rate(lambda: score_in_pool(plan, tasks), given.repeats)  # noqa: B023
            rates[f"{suffix}, pool"] = round(pool, 1)
            print(f"{suffix} pool {pool:9.1f} images/s")
            for name in given.strategy.split(","):
                strategy = open_strategy(name, 60.0)

                def run() -> list[Row]:
                    batch = given.batch or None
                    return score_in_graph(plan, tasks, strategy=strategy, batch=batch)  # noqa: B023

                run()
                tf_rate, rows = rate(run, given.repeats)
                alone = device_rate(restrict(plan, device=True), tasks, strategy, given.batch)
                apart = largest_difference(rows, expected)
                rates[f"{suffix}, tf {name}"] = round(tf_rate, 1)
                rates[f"{suffix}, tf {name}, step alone"] = round(alone, 1)
                differences.append(apart)
                print(
                    f"{suffix} tf {name:9} {tf_rate:9.1f} images/s, step alone {alone:9.1f}; "
                    f"largest difference from the pool {apart:.1e}"
                )
    about = {"devices": devices, "cores": default_workers(), "images": given.images}
    print(json.dumps({**about, "images_per_second": rates, "difference": max(differences)}))


if __name__ == "__main__":
    main()
