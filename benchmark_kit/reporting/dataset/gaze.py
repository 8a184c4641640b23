"""All fixations of a data set in one row each, as its page and its doubts need them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmark_kit.types import Truths


@dataclass(frozen=True, eq=False)
class Gaze:
    """A data set and its pooled fixations.

    Args:
        truths: the data set; images whose fixations are secret count as without.
        image: place of each fixation's image in `truths.images`, int64 (n,).
        x: columns in pixels, float64 (n,).
        y: rows in pixels, likewise.
        width: of each fixation's picture in pixels, float64 (n,).
        height: likewise.
        subject: number of the observer, int64 (n,), or None unless all images tell it.
        order: place in the scanpath, int64 (n,), or None unless all images tell it.
        duration: seconds, float64 (n,), or None unless all images tell it.
    """

    truths: Truths
    image: np.ndarray
    x: np.ndarray
    y: np.ndarray
    width: np.ndarray
    height: np.ndarray
    subject: np.ndarray | None
    order: np.ndarray | None
    duration: np.ndarray | None

    def __len__(self) -> int:
        return len(self.x)

    @cached_property
    def across(self) -> np.ndarray:
        """Columns as shares of the width, 0 <= share < 1."""
        return self.x / self.width

    @cached_property
    def down(self) -> np.ndarray:
        """Rows as shares of the height, 0 <= share < 1."""
        return self.y / self.height

    @cached_property
    def per_image(self) -> np.ndarray:
        """Number of fixations of each image, int64 (images,)."""
        return np.bincount(self.image, minlength=len(self.truths))

    @cached_property
    def scanpath(self) -> np.ndarray:
        """Number of the pair of image and observer of each fixation, int64 (n,)."""
        if self.subject is None:
            return self.image
        pairs = np.stack([self.image, self.subject])
        return np.unique(pairs, axis=1, return_inverse=True)[1].reshape(-1)

    @cached_property
    def in_time(self) -> np.ndarray:
        """Positions of the fixations by scanpath and order in it, int64 (n,)."""
        order = np.arange(len(self)) if self.order is None else self.order
        return np.lexsort((order, self.scanpath))

    @cached_property
    def first(self) -> np.ndarray:
        """Whether a fixation is the first of its scanpath, bool (n,)."""
        found = np.zeros(len(self), dtype=bool)
        paths = self.scanpath[self.in_time]
        found[self.in_time[np.flatnonzero(np.diff(paths, prepend=-1))]] = True
        return found


def pooled(truths: Truths) -> Gaze:
    """The fixations of all images of a data set."""
    parts = [(k, truth.fixations) for k, truth in enumerate(truths) if truth.fixations is not None]

    def column(name: str) -> np.ndarray | None:
        values = [getattr(fixations, name) for _, fixations in parts]
        if not values or any(value is None for value in values):
            return None
        return np.concatenate(values)

    def whole(name: str) -> np.ndarray | None:
        values = column(name)
        return None if values is None else values.astype(np.int64)

    counts = [len(fixations) for _, fixations in parts]
    sizes = np.array([fixations.size for _, fixations in parts], dtype=np.float64).reshape(-1, 2)
    x, y = column("x"), column("y")
    return Gaze(
        truths,
        np.repeat(np.array([k for k, _ in parts], dtype=np.int64), counts),
        np.zeros(0) if x is None else x,
        np.zeros(0) if y is None else y,
        np.repeat(sizes[:, 1], counts),
        np.repeat(sizes[:, 0], counts),
        whole("subject"),
        whole("order"),
        column("duration"),
    )
