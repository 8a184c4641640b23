"""Train `saliency_lite` on the CPU: a head on the frozen trunk first, then the later blocks too.

    python weights/train.py --set osie=osie/ --set mit1003=mit1003_train/ --set pascal_s=pascal_s/
        --set eyecrowd=eyecrowd/ --trunk efficientnet_lite0.npz --out runs/lite0

Loss: minus the mean log likelihood of a picture's fixations in bits, on the grid of stride 8. One
picture in seven is given the calibration and centre bias of unknown pictures. Adam with cosine
decay; a kernel of the trunk moves in steps of its own mean size, because folded kernels differ in
scale. What is validated and written is the moving average of the weights. A run that was stopped
goes on after its last whole epoch (--resume). Each run ends with a line of experiments.csv.

With --init and --teacher a network that has learned goes on: six tenths of the loss are then the
divergence from what the teacher (teach.py) says of the picture, and the rates are lower.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from augment import Sample, batches, stacked
from pictures import Picture, read_parts
from priors import Priors
from runs import information_gain, load_run, on_grid, widen_blurs

from keras_saliency.backbones.weights import load_trunk
from keras_saliency.lite.layout import DATASETS, FRAME
from keras_saliency.models.saliency_lite import saliency_lite

BATCH, AVERAGE, CLIP = 10, 0.998, 5.0
HEAD_RATE, TRUNK_RATE, DECAY = 2e-3, 2e-3, 1e-2  # the trunk's is relative to a kernel's size
WARM, WARM_TRUNK = 50, 100  # steps
BETAS = (0.9, 0.99)
FROZEN_EPOCHS = 1
TAUGHT = 0.6  # share of the teacher in the loss
SECOND = {"head": 5e-4, "trunk": 8e-4, "average": 0.995, "frozen": 0}  # of a network that goes on
FIRST = {"head": HEAD_RATE, "trunk": TRUNK_RATE, "average": AVERAGE, "frozen": FROZEN_EPOCHS}
# blocks that stay as they are
UNFROZEN_AFTER = {"efficientnet_lite0": 5, "efficientnet_lite2": 7, "mobilenet": 5}
LEARNED_FROM = 160  # pictures whose features give mean and deviation
EXPERIMENTS = Path(__file__).with_name("experiments.csv")


class Training:
    """The network, its optimizer and the moving average of its weights."""

    def __init__(self, given: argparse.Namespace):
        encoder = given.encoder
        self.model = saliency_lite(encoder=encoder, pretrained=False)
        load_trunk(self.model.trunks[0], given.trunk)
        if given.init is not None:
            widen_blurs(self.model, load_run(self.model, given.init), given.frame)
        self.constants = FIRST if given.init is None else SECOND
        self.share = TAUGHT if given.teacher else 0.0
        inner = {id(layer) for layer in self.model.trunks[0].layers}
        head = [
            weight
            for layer in self.model.layers
            if id(layer) not in inner
            for weight in layer.trainable_weights
        ]
        later = [
            weight
            for layer in self.model.trunks[0].layers
            if _block(layer.name) > UNFROZEN_AFTER[encoder]
            for weight in layer.trainable_weights
        ]
        self.head, self.weights = len(head), head + later
        self.scale = [1.0] * len(head) + [
            max(float(np.sqrt(np.mean(np.square(np.asarray(weight.value))))), 1e-3)
            for weight in later
        ]
        self.decay = [DECAY if len(weight.shape) > 1 else 0.0 for weight in head] + [0.0] * len(
            later
        )
        zeros = [tf.zeros_like(weight.value) for weight in self.weights]
        self.first = [tf.Variable(zero) for zero in zeros]
        self.second = [tf.Variable(zero) for zero in zeros]
        self.average = [tf.Variable(weight.value) for weight in self.weights]
        self.step = tf.Variable(0.0)
        self.steps = {False: self._make(len(head)), True: self._make(len(self.weights))}
        self.network = on_grid(self.model)

    def prepared(self, one: Picture) -> np.ndarray:
        """A picture as a batch of one."""
        return self.model.front.colours(one.pixels[None].astype(np.float32))

    def learn_features(self, pictures: list[Picture]) -> None:
        """Mean and deviation of the features, from some training pictures."""
        features = keras.Model(self.model.inputs[0], self.model.get_layer("features").output)
        self.model.get_layer("standardized").learn(
            features.predict_on_batch(self.prepared(one)) for one in pictures
        )

    def _make(self, count: int):
        weights = self.weights[:count]

        @tf.function(reduce_retracing=True)
        def step(pictures, priors, datasets, counts, taught, rate, trunk_rate):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                for weight in weights:
                    tape.watch(weight.value)
                found = self.network([pictures, priors, datasets], training=True)[..., 0]
                loss = tf.reduce_mean(bits_lost(found, counts))
                apart = tf.reduce_sum(tf.exp(taught) * (taught - found), (1, 2)) / np.log(2)
                mixed = (1 - self.share) * loss + self.share * tf.reduce_mean(apart)
                total = mixed + tf.add_n(self.network.losses)
            gradients = tape.gradient(total, [weight.value for weight in weights])
            gradients, _ = tf.clip_by_global_norm(gradients, CLIP)
            self.step.assign_add(1.0)
            correct = [1 - beta**self.step for beta in BETAS]
            kept = tf.minimum(self.constants["average"], (1 + self.step) / (20 + self.step))
            for k, (weight, gradient) in enumerate(zip(weights, gradients, strict=True)):
                first, second, average = self.first[k], self.second[k], self.average[k]
                first.assign(BETAS[0] * first + (1 - BETAS[0]) * gradient)
                second.assign(BETAS[1] * second + (1 - BETAS[1]) * gradient**2)
                size = rate if k < self.head else trunk_rate * self.scale[k]
                move = (first / correct[0]) / (tf.sqrt(second / correct[1]) + 1e-8)
                new = weight.value - size * (move + self.decay[k] * weight.value)
                weight.assign(new)
                average.assign(kept * average + (1 - kept) * new)
            return loss

        return step

    def swap(self) -> None:
        """Exchange the weights and their moving average."""
        for weight, average in zip(self.weights, self.average, strict=True):
            held = tf.identity(weight.value)
            weight.assign(average)
            average.assign(held)

    def state(self) -> list[np.ndarray]:
        """All that changes, as arrays."""
        parts = [*self.weights, *self.first, *self.second, *self.average, self.step]
        return [np.asarray(part) for part in parts]

    def restore(self, held: list[np.ndarray]) -> None:
        """Take up a state."""
        parts = [*self.weights, *self.first, *self.second, *self.average, self.step]
        for part, value in zip(parts, held, strict=True):
            part.assign(value)


def bits_lost(found: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
    """Minus the mean log2 likelihood of each picture's fixations over the uniform density's."""
    points = tf.reduce_sum(counts, (1, 2))
    at = tf.reduce_sum(found * counts, (1, 2)) / tf.maximum(points, 1)
    cells = tf.cast(tf.size(found[0]), tf.float32)
    return tf.where(points > 0, -(at + tf.math.log(cells)) / np.log(2).astype(np.float32), 0.0)


def _block(layer: str) -> int:
    """The block that a layer of a trunk is part of; 0 of the first convolution."""
    found = re.match(r"block(\d+)_|conv_[dp]w_(\d+)", layer)
    return int(found[1] or found[2]) if found else 0


def train_epoch(
    training: Training,
    train: list[Picture],
    priors: Priors,
    teacher: dict[str, np.ndarray] | None,
    epoch: int,
    given: argparse.Namespace,
    sample: Callable[..., Sample] = Sample.of,
) -> float:
    """One pass over the training pictures; the next batch is made meanwhile."""
    order = batches(train, BATCH, np.random.default_rng([given.seed, epoch]))
    total = given.epochs * len(order)
    losses = []

    def make(k: int) -> Sample:
        return stacked(
            [
                sample(
                    one,
                    priors,
                    np.random.default_rng([given.seed, epoch, k, j]),
                    training.model.front.colours,
                    teacher,
                )
                for j, one in enumerate(order[k])
            ]
        )

    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(make, 0)
        for k in range(len(order)):
            batch = ahead.result()
            if k + 1 < len(order):
                ahead = pool.submit(make, k + 1)
            done = epoch * len(order) + k
            cosine = 0.5 * (1 + np.cos(np.pi * done / total))
            frozen = training.constants["frozen"]
            unfrozen, since = epoch >= frozen, done - frozen * len(order) + 1
            rate = training.constants["head"] * cosine * min(1, (done + 1) / WARM)
            trunk_rate = (
                training.constants["trunk"] * cosine * min(1, since / WARM_TRUNK)
                if unfrozen
                else 0.0
            )
            rates = (tf.constant(value, tf.float32) for value in (rate, trunk_rate))
            losses.append(float(training.steps[unfrozen](*batch.arrays(), *rates)))
            if k % 60 == 59:
                print(f"epoch {epoch}, {k + 1} of {len(order)}: {np.mean(losses[-60:]):.4f}")
    return float(np.mean(losses))


def validate(training: Training, pictures: list[Picture], priors: Priors) -> dict[str, float]:
    """Information gain over the leave-one-out centre bias, in bits, of every data set."""

    def log_density(one: Picture) -> np.ndarray:
        prior, number = priors(one.dataset, one.grid), np.array([[one.dataset]], np.float32)
        inputs = [training.prepared(one), prior[None, ..., None], number]
        return np.asarray(training.network.predict_on_batch(inputs))[0, ..., 0]

    return information_gain(pictures, log_density)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", action="append", required=True, metavar="NAME=FOLDER")
    parser.add_argument("--trunk", type=Path, required=True, help="ImageNet weights, .npz")
    parser.add_argument("--encoder", default="efficientnet_lite0")
    parser.add_argument("--frame", type=int, nargs=2, default=FRAME, metavar=("HEIGHT", "WIDTH"))
    parser.add_argument("--fold", default="", metavar="N/K", help="leave fold K of N out")
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--init", type=Path, help="a run's file, to go on from")
    parser.add_argument("--teacher", type=Path, help="densities of teach.py")
    parser.add_argument("--out", type=Path, required=True, help="stem of the run's files")
    parser.add_argument("--resume", action="store_true")
    given = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(given.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(given.seed)
    train, check = read_parts(given.set, tuple(given.frame), given.fold)
    priors = Priors(train)
    teacher = None
    if given.teacher:
        with np.load(given.teacher) as held:
            teacher = dict(held)
    training = Training(given)
    checkpoint, start = given.out.with_suffix(".state.npz"), 0
    if given.resume and checkpoint.exists():
        with np.load(checkpoint) as held:
            start = int(held["epoch"])
            training.restore([held[f"arr_{k}"] for k in range(len(held.files) - 1)])
    order = np.random.default_rng(given.seed).permutation(len(train))
    if given.init is None:
        training.learn_features([train[k] for k in order[:LEARNED_FROM]])
    scores: dict[str, float] = {}
    began = time.monotonic()
    for epoch in range(start, given.epochs):
        loss = train_epoch(training, train, priors, teacher, epoch, given)
        np.savez(checkpoint, *training.state(), epoch=epoch + 1)
        training.swap()
        scores = validate(training, check, priors)
        np.savez(
            given.out.with_suffix(".npz"),
            frame=given.frame,
            **{
                f"{layer.name}/{k}": np.asarray(weight.value)
                for layer in training.model.layers
                for k, weight in enumerate(layer.weights)
            },
        )
        training.swap()
        print(json.dumps({"epoch": epoch, "loss": loss, **scores}), flush=True)
    with EXPERIMENTS.open("a", newline="") as file:
        minutes = (time.monotonic() - began) / 60
        sets = "+".join(text.partition("=")[0] for text in given.set)
        values = [f"{scores[name]:.3f}" if name in scores else "" for name in DATASETS]
        row = [given.out.stem, given.encoder, sets, given.epochs, given.seed, *values]
        csv.writer(file, lineterminator="\n").writerow([*row, f"{minutes:.0f}"])


if __name__ == "__main__":
    main()
