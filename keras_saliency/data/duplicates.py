"""Pictures that are all but the same: they must not stand on both sides of a split.

A picture's thumbnail is 24x24 gray values; two pictures are near-duplicates if their thumbnails, or
one and the other mirrored, correlate above 0.985 (our choice; it finds the one picture that OSIE
holds twice, and no two of MIT1003, PASCAL-S, EyeCrowd and OSIE that are not).
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from benchmark_kit.errors import InputError, Problem
from benchmark_kit.parallel import default_workers
from benchmark_kit.types import GroundTruth, Truths
from keras_saliency.base.array_model import in_order, rgb_pixels
from keras_saliency.base.resample import resample
from keras_saliency.data.augment import luma

SIDE, LIMIT = 24, 0.985
BLOCK = 512  # pictures that are compared with all at once, for memory's sake


class NearDuplicate(NamedTuple):
    """Two pictures that are all but the same, and how much their thumbnails correlate."""

    one: str
    other: str
    correlation: float


def near_duplicates(truths: Truths, others: Truths | None = None) -> list[NearDuplicate]:
    """Pictures of a data set that are near-duplicates of another's, or of each other.

    Args:
        truths: the pictures that are looked for.
        others: where they are looked for: the training pictures, for instance. None: in `truths`
            itself, each pair once. Pictures whose file is not there are passed over; one of a
            single colour is like no other.

    Returns:
        pairs in the order of `truths`.

    Raises:
        InputError: files that are no pictures; all of them are named.

    Example:
        >>> truths = get_dataset("folder", "mine")
        >>> near_duplicates(truths)
        []
    """
    names, mine = thumbnails(truths)
    other_names, theirs = (names, mine) if others is None else thumbnails(others)
    turned = theirs.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(-1, SIDE * SIDE)
    found = []
    for first in range(0, len(mine), BLOCK):
        rows = mine[first : first + BLOCK]
        alike = np.maximum(rows @ theirs.T, rows @ turned.T)
        if others is None:
            alike = np.triu(alike, first + 1)
        found += [
            NearDuplicate(names[first + k], other_names[m], float(alike[k, m]))
            for k, m in np.argwhere(alike > LIMIT)
        ]
    return found


def thumbnails(truths: Iterable[GroundTruth]) -> tuple[list[str], np.ndarray]:
    """Names and thumbnails of pictures, float64 (n, 576): mean 0 and length 1, so that products
    are correlations; zeros where a picture has one colour.

    Raises:
        InputError: files that are no pictures.
    """
    there = [truth for truth in truths if truth.stimulus is not None and truth.stimulus.is_file()]

    def made(truth: GroundTruth) -> np.ndarray | list[Problem]:
        assert truth.stimulus is not None
        try:
            gray = luma(rgb_pixels(truth.stimulus, turned=False))
        except InputError as error:
            return list(error.problems)
        return resample(gray, (SIDE, SIDE), "antialiased").astype(np.float64).ravel()

    problems: list[Problem] = []
    rows = np.zeros((len(there), SIDE * SIDE))
    with ThreadPoolExecutor(default_workers()) as pool:
        for k, found in enumerate(in_order(pool, made, there, 4 * default_workers())):
            if isinstance(found, list):
                problems += found
            else:
                rows[k] = found - found.mean()
    if problems:
        raise InputError("these pictures cannot be compared", problems)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    flat = length < 1e-3 * SIDE  # a thousandth of a level
    return [truth.name for truth in there], np.where(flat, 0.0, rows / np.where(flat, 1, length))


def groups_of(names: Iterable[str], pairs: Iterable[NearDuplicate]) -> list[tuple[str, ...]]:
    """All names in groups of near-duplicates, directly or by way of others; each group sorted."""
    group = {name: {name} for name in names}
    for one, other, _ in pairs:
        joined = group[one] | group[other]
        for name in joined:
            group[name] = joined
    seen: set[int] = set()
    found = []
    for members in group.values():
        if id(members) not in seen:
            seen.add(id(members))
            found.append(tuple(sorted(members)))
    return found
