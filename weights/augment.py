"""Samples and batches: mirrored, cropped, recoloured; fixations and centre bias go along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from pictures import Picture
from PIL import Image

from keras_saliency.base.colours import Colours
from keras_saliency.base.resample import resample
from keras_saliency.lite.layout import STRIDE

CROPPED, SMALLEST = 0.5, 0.8  # share of pictures, and the least of a side that is kept
RECOLOURED = 0.5
CONTRAST, BRIGHTNESS, SATURATION, GRAY = 0.15, 20.0, 0.2, 127.0
UNKNOWN = 0.15  # share of pictures that are taken for pictures of no known set


@dataclass(frozen=True)
class Sample:
    """What the network takes of a picture, or of a batch of them, and what it is to learn.

    Args:
        picture: prepared.
        prior: log centre bias on the grid of stride 8.
        dataset: place in `layout.DATASETS`, -1 for none.
        counts: fixations a cell.
        taught: the teacher's log density; uniform where there is no teacher.
    """

    picture: np.ndarray
    prior: np.ndarray
    dataset: np.ndarray
    counts: np.ndarray
    taught: np.ndarray

    def arrays(self) -> tuple[np.ndarray, ...]:
        """In the order of the training step."""
        return self.picture, self.prior, self.dataset, self.counts, self.taught

    @classmethod
    def of(
        cls,
        one: Picture,
        priors: Callable[..., np.ndarray],
        rng: np.random.Generator,
        colours: Colours,
        teacher: Mapping[str, np.ndarray] | None = None,
    ) -> Sample:
        """A picture, changed at random, and what a teacher says of it along with it."""
        rows, columns = one.grid
        dataset = -1 if rng.random() < UNKNOWN else one.dataset
        pixels, x, y, prior = one.pixels, one.x, one.y, priors(dataset, one.grid)
        taught = np.zeros(one.grid, np.float32)
        if teacher is not None:
            taught = resample(teacher[one.key].astype(np.float32), one.grid, "bilinear")
        if rng.random() < CROPPED:
            kept = rng.uniform(SMALLEST, 1)
            height, width = one.frame
            top, left = rng.uniform(0, (1 - kept) * height), rng.uniform(0, (1 - kept) * width)
            box = (left, top, left + kept * width, top + kept * height)
            pixels = _cut(pixels, box)
            x, y = (x - left / STRIDE) / kept, (y - top / STRIDE) / kept
            inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
            x, y = x[inside], y[inside]
            prior, taught = (
                _cut(part, tuple(side / STRIDE for side in box)) for part in (prior, taught)
            )
            prior = prior - np.log(np.exp(prior).sum())
        values = pixels.astype(np.float32)
        if rng.random() < RECOLOURED:
            contrast = rng.uniform(1 - CONTRAST, 1 + CONTRAST)
            brighter = rng.uniform(-BRIGHTNESS, BRIGHTNESS)
            saturation = rng.uniform(1 - SATURATION, 1 + SATURATION)
            gray = values.mean(axis=-1, keepdims=True)
            coloured = gray + (values - gray) * saturation
            values = np.clip((coloured - GRAY) * contrast + GRAY + brighter, 0, 255)
        counts = np.zeros((rows, columns), np.float32)
        down, across = (
            np.minimum(place.astype(int), cells - 1) for place, cells in ((y, rows), (x, columns))
        )
        np.add.at(counts, (down, across), 1)
        if rng.random() < 0.5:
            values, prior, counts, taught = (
                part[:, ::-1] for part in (values, prior, counts, taught)
            )
        prepared = colours(values)
        number = np.array([dataset], np.float32)
        taught = taught - np.log(np.exp(taught).sum())
        return cls(prepared, prior[..., None], number, counts, taught)


def _cut(values: np.ndarray, box: tuple[float, ...]) -> np.ndarray:
    """A part of an array, scaled to the whole's size."""
    size = values.shape[1::-1]
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BILINEAR, box=box))


def stacked(samples: list[Sample]) -> Sample:
    """Samples of one frame as a batch."""
    parts = zip(*(one.arrays() for one in samples), strict=True)
    return Sample(*(np.stack([np.ascontiguousarray(part) for part in group]) for group in parts))


def batches(pictures: list[Picture], size: int, rng: np.random.Generator) -> list[list[Picture]]:
    """All pictures once, in batches of one frame, shuffled."""
    waiting: dict[tuple[int, int], list[Picture]] = {}
    found = []
    for k in rng.permutation(len(pictures)):
        one = pictures[k]
        group = waiting.setdefault(one.frame, [])
        group.append(one)
        if len(group) == size:
            found.append(waiting.pop(one.frame))
    found += waiting.values()
    return [found[k] for k in rng.permutation(len(found))]
