"""Framed pictures and fixations of the training sets, and the parts that the rule gives.

Sets are named on the command line as `NAME=FOLDER`: osie, mit1003, pascal_s, eyecrowd. They are
parted by the hash rule of `keras_saliency.data.split`, near-duplicates on one side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmark_kit.datasets import get_dataset
from benchmark_kit.types import GroundTruth, Truths
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.base.centre_bias import CentreBias
from keras_saliency.base.geometry import Plan
from keras_saliency.data import split
from keras_saliency.lite.layout import DATASETS, FRAME, GEOMETRY, STRIDE

PARTS = {
    "osie": "hash:500/50/150",
    "mit1003": "hash:853/50",
    "pascal_s": "hash:650/50",
    "eyecrowd": "hash:360/40",
}
BANDWIDTH, UNIFORM = 0.03, 0.01  # of the priors; the bandwidth as cross-validation has it, rounded


@dataclass(frozen=True)
class Picture:
    """One picture as the network sees it.

    Args:
        dataset: place in `layout.DATASETS`.
        name: its stem.
        plan: how it is scaled.
        stimulus: the file.
        x: columns of the fixations in cells of stride 8, float32.
        y: rows, the same.
    """

    dataset: int
    name: str
    plan: Plan
    stimulus: Path
    x: np.ndarray
    y: np.ndarray

    @cached_property
    def pixels(self) -> np.ndarray:
        """The framed picture, uint8 (height, width, 3), kept once it was read."""
        framed = self.plan.into_frame(rgb_pixels(self.stimulus, turned=False))
        return np.rint(framed).astype(np.uint8)

    @property
    def key(self) -> str:
        """What a file of teachers' densities calls it."""
        return f"{DATASETS[self.dataset]}/{self.name}"

    @property
    def frame(self) -> tuple[int, int]:
        """(height, width) of the frame."""
        return self.plan.inner

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the grid of stride 8."""
        return self.frame[0] // STRIDE, self.frame[1] // STRIDE


def open_set(text: str) -> tuple[int, Truths]:
    """The place in `layout.DATASETS` and the ground truth of a set `NAME=FOLDER`."""
    name, _, folder = text.partition("=")
    reader = "osie" if name == "osie" else "folder"
    return DATASETS.index(name), get_dataset(reader, Path(folder))


def read_parts(
    sets: Iterable[str], frame: tuple[int, int] = FRAME, fold: str = ""
) -> tuple[list[Picture], list[Picture]]:
    """Training and validation pictures of sets `NAME=FOLDER`, scaled to a frame's area.

    Args:
        sets: as the command line has them.
        frame: (height, width) whose area pictures are scaled to.
        fold: `N/K` leaves fold K of N folds of the training pictures out.
    """
    train: list[Picture] = []
    validate: list[Picture] = []
    for text in sets:
        number, truths = open_set(text)
        parts = split(truths, PARTS[DATASETS[number]])
        learned = split(parts["train"], f"kfold:{fold}")["train"] if fold else parts["train"]
        train += [_picture(truth, number, frame) for truth in learned]
        validate += [_picture(truth, number, frame) for truth in parts["validate"]]
    return train, validate


def _picture(truth: GroundTruth, dataset: int, frame: tuple[int, int]) -> Picture:
    plan = GEOMETRY.plan(truth.size, frame)
    scale = [side // STRIDE / own for side, own in zip(plan.inner, truth.size, strict=True)]
    points, stimulus = truth.fixations, truth.stimulus
    assert points is not None
    assert stimulus is not None
    return Picture(
        dataset,
        truth.name,
        plan,
        Path(stimulus),
        (points.x * scale[1]).astype(np.float32),
        (points.y * scale[0]).astype(np.float32),
    )


def centre_bias(
    pictures: Iterable[Picture], bandwidth: float = BANDWIDTH, uniform: float = UNIFORM
) -> CentreBias:
    """The centre bias of some pictures; `without=k` of its densities leaves the k-th out."""
    pictures = list(pictures)
    return CentreBias(
        np.concatenate([one.x / one.grid[1] for one in pictures]).astype(np.float64),
        np.concatenate([one.y / one.grid[0] for one in pictures]).astype(np.float64),
        np.concatenate([np.full(len(one.x), k) for k, one in enumerate(pictures)]),
        bandwidth,
        uniform,
    )
