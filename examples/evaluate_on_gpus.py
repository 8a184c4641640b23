"""Score maps in a TensorFlow graph on all devices of this machine, and compare with the pool.

    python examples/evaluate_on_gpus.py

Without GPUs it splits the CPU into two logical devices, so that it runs anywhere. On several
machines, start the same command on each with TF_CONFIG set:

    salbench evaluate maps/ --dataset osie --root osie/ --engine tf --strategy multiworker
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmark_kit.imaging.density import blur_points
from benchmark_kit.maps.sources import ArrayReference
from benchmark_kit.scoring.engine_pool import score_in_pool
from benchmark_kit.scoring.plan import make_plan
from benchmark_kit.scoring.tf.engine import score_in_graph
from benchmark_kit.scoring.worker import Task
from benchmark_kit.types import Fixations, GroundTruth, Truths

METRICS = ["auc", "sauc", "nss", "cc", "sim", "kl", "auc_borji@mit"]


def make_set(images: int = 10) -> tuple[Truths, list[Task]]:
    """Images of two sizes, their fixations, and a blurred guess as map."""
    rng = np.random.default_rng(0)
    truths, tasks = [], []
    for k in range(images):
        height, width = size = (120, 160) if k % 3 else (96, 96)
        centre = rng.uniform((0.3, 0.3), (0.7, 0.7)) * size
        points = rng.normal(centre, 15, (60, 2)).clip(0, np.array(size) - 1)
        truth = GroundTruth(f"image{k:02d}", size, Fixations(points[:, 1], points[:, 0], size))
        guess = rng.normal(centre, 30, (200, 2)).clip(0, np.array(size) - 1).astype(int)
        values = blur_points(guess[:, 0] * width + guess[:, 1], (height, width), 8.0)
        saliency = np.ceil(255 * values / values.max()).astype(np.uint8)
        truths.append(truth)
        tasks.append(Task(truth, ArrayReference(saliency)))
    return Truths("generated", tuple(truths), sigma_px=6.0), tasks


def two_devices() -> None:
    """Split the CPU in two where there is no GPU; must come before any other use of TensorFlow."""
    try:
        import tensorflow as tf
    except ImportError:
        raise SystemExit(
            'This example needs TensorFlow. Fix: pip install ".[tensorflow]"'
        ) from None

    if not tf.config.list_physical_devices("GPU"):
        (cpu,) = tf.config.list_physical_devices("CPU")[:1]
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration(), tf.config.LogicalDeviceConfiguration()]
        )


def main() -> None:
    two_devices()
    truths, tasks = make_set()
    plan = make_plan(truths, ["tuebingen"], METRICS)
    rows = score_in_graph(plan, tasks, strategy="mirrored", on_note=print)
    reference = score_in_pool(plan, tasks, workers=1)
    print(f"{'':14}{'devices':>10}{'pool':>10}{'largest difference':>22}")
    for key in plan.keys:
        pairs = np.array(
            [(a.values[key], b.values[key]) for a, b in zip(rows, reference, strict=True)]
        )
        means, apart = pairs.mean(axis=0), np.abs(pairs[:, 0] - pairs[:, 1]).max()
        print(f"{key:14}{means[0]:10.4f}{means[1]:10.4f}{apart:22.1e}")
        assert apart < 1e-9


if __name__ == "__main__":
    main()
