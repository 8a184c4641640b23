"""Train a network, or what stands on its frozen trunk, and predict maps of the judged pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from work import Maps, Work

from benchmark_kit.imaging.images import write_npy
from benchmark_kit.types import Truths
from keras_saliency.data import batches

AT_ONCE = 15  # pictures of one pass without gradient


@dataclass(frozen=True)
class Budget:
    """How long and how fast: the same for all arms of a finding.

    Args:
        epochs: passes over the pictures.
        rate: of Adam at the start; it falls to zero by a cosine.
        batch: pictures of a step.
    """

    epochs: int
    rate: float
    batch: int = 10


def learn_and_predict(
    work: Work,
    seed: int,
    model: Any,
    loss: Any,
    budget: Budget,
    taps: Mapping[str, Sequence[Any]] | None = None,
    standardize: bool = False,
) -> Maps:
    """Train on the pictures to learn from and predict those to judge by.

    Args:
        work: what there is.
        seed: of the order of the pictures; that of the start is set before the model is built.
        model: a network with `front`.
        loss: its loss.
        budget: of the training.
        taps: tensors at which frozen trunks end, by a name for the files that keep their values;
            None: the whole network is trained.
        standardize: give every channel of these values mean 0 and deviation 1 over the pictures to
            learn from.
    """
    targets = arrays(work.learn, model, loss)[1]
    if taps:
        network = keras.Model([tap for some in taps.values() for tap in some], model.output)
        inputs, judged = (
            [
                array
                for name, some in taps.items()
                for array in features(
                    truths, model, some, loss, work.out / "features" / f"{name}-{part}"
                )
            ]
            for part, truths in (("learn", work.learn), ("judge", work.judge))
        )
        if standardize:
            scales = [_mean_and_deviation(array) for array in inputs]
            inputs, judged = (
                [((a - m) / d).astype(np.float16) for a, (m, d) in zip(some, scales, strict=True)]
                for some in (inputs, judged)
            )
    else:
        network = model
        inputs, judged = ([arrays(part, model, loss)[0]] for part in (work.learn, work.judge))
    train(network, inputs, targets, loss, seed, limited(budget, work))
    return onto_pictures(work.judge, model, predict(network, judged))


def limited(budget: Budget, work: Work) -> Budget:
    """The budget, or a shorter one where the run asks for it."""
    return budget if work.epochs is None else Budget(work.epochs, budget.rate, budget.batch)


def train(
    network: Any,
    inputs: list[np.ndarray],
    targets: np.ndarray,
    loss: Any,
    seed: int,
    budget: Budget,
) -> None:
    """Adam with a cosine to zero; the order of the pictures is a function of seed and epoch.

    Args:
        network: takes the inputs, gives what the loss compares with the targets.
        inputs: arrays whose first axis are pictures.
        targets: likewise.
        loss: of a batch.
        seed: of the order.
        budget: epochs, rate and batch.

    Raises:
        FloatingPointError: the loss is not finite.
    """
    count = len(targets)
    steps = budget.epochs * -(-count // budget.batch)
    schedule = keras.optimizers.schedules.CosineDecay(budget.rate, steps)
    network.compile(keras.optimizers.Adam(schedule), loss)
    for epoch in range(budget.epochs):
        order = np.random.default_rng([seed, epoch]).permutation(count)
        for start in range(0, count, budget.batch):
            chosen = np.sort(order[start : start + budget.batch])
            given = [array[chosen].astype(np.float32) for array in inputs]
            found = network.train_on_batch(given if len(given) > 1 else given[0], targets[chosen])
            if not np.isfinite(found):
                raise FloatingPointError(f"the loss is {found} in epoch {epoch}")


def predict(network: Any, inputs: list[np.ndarray]) -> np.ndarray:
    """Outputs for arrays of pictures or features, float32."""
    found = []
    for start in range(0, len(inputs[0]), AT_ONCE):
        given = [array[start : start + AT_ONCE].astype(np.float32) for array in inputs]
        found.append(np.asarray(network.predict_on_batch(given if len(given) > 1 else given[0])))
    return np.concatenate(found)


def arrays(truths: Truths, model: Any, loss: Any) -> tuple[np.ndarray, np.ndarray]:
    """All prepared pictures in the network's frame and their targets, in the reader's order."""
    # arms ask for the same pictures and targets again and again
    key = (
        truths.fingerprint,
        model.front.frame,
        model.front.geometry,
        model.front.colours,
        tuple(getattr(loss, "truth", ("map",))),
        model.output.shape[1:3],
        getattr(model, "label_range", "unit"),
    )
    if key not in _held:
        feed = batches(truths, model, loss=loss, batch_size=AT_ONCE, shuffle=False, cache=False)
        pairs = [feed.arrays(0, step) for step in range(feed.steps)]
        _held[key] = tuple(np.concatenate(part) for part in zip(*pairs, strict=True))
    return _held[key]


_held: dict[tuple[Any, ...], Any] = {}


def features(
    truths: Truths, model: Any, taps: Sequence[Any], loss: Any, stem: Path
) -> list[np.ndarray]:
    """What a frozen trunk makes of all pictures, float16, one array a tap; kept as files."""
    files = [stem.with_name(f"{stem.name}-{k}.npy") for k in range(len(taps))]
    if not all(file.is_file() for file in files):
        frozen = keras.Model(model.input, list(taps))
        pictures = arrays(truths, model, loss)[0]
        # a list for one tap, too
        found = [
            keras.tree.flatten(frozen.predict_on_batch(pictures[start : start + AT_ONCE]))
            for start in range(0, len(pictures), AT_ONCE)
        ]
        stem.parent.mkdir(parents=True, exist_ok=True)
        for k, file in enumerate(files):
            write_npy(file, np.concatenate([each[k] for each in found]).astype(np.float16))
    return [np.load(file, mmap_mode="r") for file in files]


def _mean_and_deviation(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values = np.asarray(array, np.float32)
    return values.mean((0, 1, 2)), np.maximum(values.std((0, 1, 2)), 1e-3)


def onto_pictures(truths: Truths, model: Any, outputs: np.ndarray) -> Maps:
    """Maps of the pictures' sizes from the network's outputs, by name."""
    front = model.front
    return {
        truth.name: front.geometry.plan(truth.size, front.frame).onto_image(output[..., 0])
        for truth, output in zip(truths, outputs, strict=True)
    }
