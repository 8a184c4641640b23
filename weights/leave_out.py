"""Heads of `saliency_lite` on cached features: from all sets, and from all but one; three seeds.

    python weights/leave_out.py --set osie=osie/ … --features features/
        --trunk efficientnet_lite0.npz --out heads/

Layers, loss, optimizer and schedule are those of train.py; pictures are mirrored only, since crops
and colours would ask for the trunk. `OUT/RUN.npz` holds what a head says of the pictures that it is
judged by: its scores of all validation pictures, and of every picture of the set that it never saw,
and the calibrations of the sets that it learned. unknown.py makes the tables of them. Heads that
are there are not trained again; --minutes stops after an epoch, and the next call goes on there.
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
from features import feature_file
from pictures import Picture, read_parts
from priors import Priors
from train import FIRST, LEARNED_FROM, Training, train_epoch

from keras_saliency.base.colours import Colours
from keras_saliency.lite.layout import DATASETS, FRAME, READOUT
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
        start = {"encoder": ENCODER, "trunk": trunk, "frame": FRAME, "init": None, "teacher": None}
        super().__init__(argparse.Namespace(**start))
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
                values = np.asarray(triple.value).copy()
                values[self.left_out] = np.delete(values, self.left_out).mean()
                triple.assign(values)
        return loss


def fixations_a_cell(one: Picture) -> np.ndarray:
    """Counts on the grid of stride 8, float32."""
    sides = [(0, cells) for cells in one.grid]
    return np.histogram2d(one.y, one.x, bins=one.grid, range=sides)[0].astype(np.float32)


def mirrored_sample(
    folder: Path,
    one: Picture,
    priors: Priors,
    rng: np.random.Generator,
    colours: Colours,
    teacher: None,
) -> Sample:
    """A picture's cached features, mirrored or not, and what is to be learned of it."""
    dataset = -1 if rng.random() < UNKNOWN else one.dataset
    features = np.load(feature_file(folder, one)).astype(np.float32)
    prior = priors(dataset, one.grid)
    counts = fixations_a_cell(one)
    if rng.random() < 0.5:
        features, prior, counts = (part[:, ::-1] for part in (features, prior, counts))
    untaught = np.full(one.grid, -np.log(counts.size), np.float32)
    return Sample(features, prior[..., None], np.array([dataset], np.float32), counts, untaught)


def train_head(
    given: argparse.Namespace, train: list[Picture], left_out: int | None, seed: int, state: Path
) -> HeadTraining | None:
    """A head, with the moving average of its weights; None where the time is up before its end.

    Args:
        given: `features`, `trunk`, and `until`, seconds of the clock.
        train: pictures to learn from.
        left_out: place of the set that is not among them.
        seed: of everything random.
        state: file of a head that was stopped.
    """
    keras.utils.set_random_seed(seed)
    training, start = HeadTraining(given.trunk, left_out), 0
    standardized = training.model.get_layer("standardized")
    some = np.random.default_rng(seed).permutation(len(train))[:LEARNED_FROM]
    standardized.learn(np.load(feature_file(given.features, train[k]))[None] for k in some)
    if state.exists():
        with np.load(state) as held:
            start = int(held["epoch"])
            training.restore([held[f"arr_{k}"] for k in range(len(held.files) - 1)])
    settings = argparse.Namespace(seed=seed, epochs=EPOCHS)
    sample, priors = partial(mirrored_sample, given.features), Priors(train)
    for epoch in range(start, EPOCHS):
        began = time.monotonic()
        loss = train_epoch(training, train, priors, None, epoch, settings, sample)
        np.savez(state, *training.state(), epoch=epoch + 1)
        print(f"{state.stem}: epoch {epoch}, {loss:.4f}", flush=True)
        took = time.monotonic() - began
        if epoch + 1 < EPOCHS and time.monotonic() + 1.2 * took > given.until:
            return None
    training.swap()
    state.unlink()
    return training


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", action="append", required=True, metavar="NAME=FOLDER")
    parser.add_argument("--features", type=Path, required=True, help="folder of features.py")
    parser.add_argument("--trunk", type=Path, required=True, help="ImageNet weights, .npz")
    parser.add_argument("--minutes", type=float, default=np.inf)
    parser.add_argument("--out", type=Path, required=True, help="folder of the heads' scores")
    given = parser.parse_args()
    given.until = time.monotonic() + 60 * given.minutes
    train, check = read_parts(given.set)
    given.out.mkdir(parents=True, exist_ok=True)
    for seed in SEEDS:
        for left_out in MIXTURES:
            file = given.out / f"{left_out or 'none'}-{seed}.npz"
            if file.exists():
                continue
            number = DATASETS.index(left_out) if left_out else None
            learned = [one for one in train if one.dataset != number]
            training = train_head(given, learned, number, seed, file.with_suffix(".state.npz"))
            if training is None:
                return
            asked = check + [one for one in train if one.dataset == number]
            scores = {
                one.key: training.scores.predict_on_batch(
                    np.load(feature_file(given.features, one))[None].astype(np.float32)
                )[0, ..., 0]
                for one in asked
            }
            known = training.model.get_layer(CALIBRATION).calibrations()
            triples = [(one.sigma, one.prior_weight, one.gain) for one in known]
            part = file.with_suffix(".part.npz")
            np.savez(part, calibrations=triples, **scores)
            part.rename(file)
            print(file, flush=True)


if __name__ == "__main__":
    main()
