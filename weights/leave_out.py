"""Heads of `saliency_lite` on cached features: from all sets, and from all but one; three seeds.

    python weights/leave_out.py --features features/ --trunk efficientnet_lite0.npz --out heads/

Layers, loss, optimizer and schedule are those of train.py; pictures are mirrored only, since crops
and colours would ask for the trunk. `OUT/RUN.npz` holds what a head says of the pictures that it is
judged by: its scores of all validation pictures, and of every picture of the set that it never saw,
and the calibrations of the sets that it learned. unknown.py makes the tables of them. Heads that
are there are not trained again; --minutes stops between two of them.
"""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from augment import UNKNOWN, Sample
from features import feature_file, read_index
from pictures import Picture
from train import FIRST, LEARNED_FROM, Priors, Training, train_epoch

from keras_saliency.lite.layout import DATASETS, READOUT
from keras_saliency.models.saliency_lite import CALIBRATION

EPOCHS, SEEDS = 5, (0, 1, 2)
ENCODER = "efficientnet_lite0"
MIXTURES = ("", *DATASETS)  # the set that is left out


class HeadTraining(Training):
    """The network behind its trunk: features, log centre bias and data set to log density.

    Args:
        trunk: ImageNet weights, which count for nothing here but must fit.
        left_out: place of the set that is not learned from; None: all are.
    """

    def __init__(self, trunk: Path, left_out: int | None):
        super().__init__(ENCODER, trunk, None, False)
        self.constants = {**FIRST, "frozen": EPOCHS}
        self.left_out = left_out
        features = self.model.get_layer("features").output
        whole = self.network
        self.network = keras.Model([features, *whole.inputs[1:]], whole.output)
        self.scores = keras.Model(
            features, self.model.get_layer(f"readout{len(READOUT) - 1}").output
        )
        step = self.steps[False]
        self.steps = {False: lambda *batch: self._held(step(*batch))}

    def _held(self, loss: tf.Tensor) -> tf.Tensor:
        """The calibration of the set that is left out stays the mean of the others.

        The mean that unknown pictures are given is then the mean of the sets that are learned.
        """
        if self.left_out is not None:
            for triple in self.model.get_layer(CALIBRATION).triples:
                values = np.array(triple.value)
                values[self.left_out] = np.delete(values, self.left_out).mean()
                triple.assign(values)
        return loss


def mirrored_sample(
    folder: Path, one: Picture, priors: Priors, rng: np.random.Generator, teacher: None
) -> Sample:
    """A picture's cached features, mirrored or not, and what is to be learned of it."""
    dataset = -1 if rng.random() < UNKNOWN else one.dataset
    features = np.load(feature_file(folder, one)).astype(np.float32)
    prior = priors(dataset, one.grid)
    sides = [(0, cells) for cells in one.grid]
    counts = np.histogram2d(one.y, one.x, bins=one.grid, range=sides)[0].astype(np.float32)
    if rng.random() < 0.5:
        features, prior, counts = (part[:, ::-1] for part in (features, prior, counts))
    untaught = np.full(one.grid, -np.log(counts.size), np.float32)
    return Sample(features, prior[..., None], np.array([dataset], np.float32), counts, untaught)


def train_head(
    trunk: Path, folder: Path, train: list[Picture], left_out: int | None, seed: int
) -> HeadTraining:
    """A head, with the moving average of its weights."""
    keras.utils.set_random_seed(seed)
    train = [one for one in train if one.dataset != left_out]
    training = HeadTraining(trunk, left_out)
    some = np.random.default_rng(seed).permutation(len(train))[:LEARNED_FROM]
    training.model.get_layer("standardized").learn(
        np.load(feature_file(folder, train[k]))[None] for k in some
    )
    given = argparse.Namespace(seed=seed, epochs=EPOCHS)
    sample = partial(mirrored_sample, folder)
    priors = Priors(train)
    for epoch in range(EPOCHS):
        loss = train_epoch(training, train, priors, None, epoch, given, sample)
        print(f"epoch {epoch}: {loss:.4f}", flush=True)
    training.swap()
    return training


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--features", type=Path, required=True, help="folder of features.py")
    parser.add_argument("--trunk", type=Path, required=True, help="ImageNet weights, .npz")
    parser.add_argument("--minutes", type=float, default=np.inf)
    parser.add_argument("--out", type=Path, required=True, help="folder of the heads' scores")
    given = parser.parse_args()
    train, check = read_index(given.features)
    given.out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    for seed in SEEDS:
        for left_out in MIXTURES:
            file = given.out / f"{left_out or 'none'}-{seed}.npz"
            # the next one will take as long as one did
            if file.exists() or (time.monotonic() - began) / 60 > given.minutes:
                continue
            start = time.monotonic()
            number = DATASETS.index(left_out) if left_out else None
            training = train_head(given.trunk, given.features, train, number, seed)
            asked = check + [one for one in train if one.dataset == number]
            scores = {
                one.key: training.scores.predict_on_batch(
                    np.load(feature_file(given.features, one))[None].astype(np.float32)
                )[0, ..., 0]
                for one in asked
            }
            known = training.model.get_layer(CALIBRATION).calibrations()
            triples = [(one.sigma, one.prior_weight, one.gain) for one in known]
            seconds = time.monotonic() - start
            partial_file = file.with_suffix(".part.npz")
            np.savez(partial_file, calibrations=triples, seconds=seconds, **scores)
            partial_file.rename(file)
            print(f"{file}: {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
