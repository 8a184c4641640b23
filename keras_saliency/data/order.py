"""Which pictures make up an epoch, in which order and in which batches: a function of the seed.

Every data set is an endless row of shuffles of its pictures; an epoch takes the next stretch of
each row. So every picture comes equally often, however short an epoch is, and any epoch can be had
without the ones before it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

SHUFFLE, MERGE, BATCH = range(3)  # streams of random numbers that must not meet


def shares_of(total: int, weights: Sequence[float]) -> list[int]:
    """How many of an epoch's samples each data set gives: largest remainders, at least one.

    Args:
        total: samples of an epoch.
        weights: shares, of sum one.
    """
    exact = [total * weight for weight in weights]
    whole = [int(value) for value in exact]
    by_rest = sorted(range(len(exact)), key=lambda k: (whole[k] - exact[k], k))
    for k in by_rest[: total - sum(whole)]:
        whole[k] += 1
    return [max(1, count) for count in whole]


def epoch_order(
    counts: Sequence[int], taken: Sequence[int], seed: int, epoch: int, shuffle: bool
) -> np.ndarray:
    """The samples of an epoch.

    Args:
        counts: pictures of each data set.
        taken: samples that each gives to an epoch.
        seed: of everything random.
        epoch: its number, from 0.
        shuffle: else the sets' own order, one set after the other, from the first picture.

    Returns:
        int64 (samples, 2): number of the data set, number of the picture in it.
    """
    parts = []
    for k, (count, size) in enumerate(zip(counts, taken, strict=True)):
        if not shuffle:
            found = np.arange(size) % count
        else:
            first, last = epoch * size // count, ((epoch + 1) * size - 1) // count
            row = np.concatenate(
                [
                    np.random.default_rng([seed, SHUFFLE, k, turn]).permutation(count)
                    for turn in range(first, last + 1)
                ]
            )
            begin = epoch * size - first * count
            found = row[begin : begin + size]
        parts.append(np.stack([np.full(size, k), found], axis=-1))
    samples = np.concatenate(parts)
    if shuffle and len(counts) > 1:
        samples = samples[np.random.default_rng([seed, MERGE, epoch]).permutation(len(samples))]
    return samples


def into_batches(
    samples: np.ndarray,
    frames: Sequence[Hashable],
    batch_size: int,
    steps: int | None,
    seed: int,
    epoch: int,
    shuffle: bool,
) -> list[np.ndarray]:
    """The samples as batches of one frame each.

    Args:
        samples: (samples, 2), of `epoch_order`.
        frames: of each sample; only equal ones share a batch.
        batch_size: of a full batch; the last one of a frame may be smaller.
        steps: how many batches are kept, None all. Frames make more batches than one frame would:
            what is too many is left out by chance in this epoch.
        seed: of everything random.
        epoch: its number.
        shuffle: whether the frames' batches are mixed.
    """
    rows: dict[Hashable, list[int]] = {}
    for place, frame in enumerate(frames):
        rows.setdefault(frame, []).append(place)
    batches = [
        samples[places[k : k + batch_size]]
        for places in rows.values()
        for k in range(0, len(places), batch_size)
    ]
    if shuffle and len(rows) > 1:
        turn = np.random.default_rng([seed, BATCH, epoch]).permutation(len(batches))
        batches = [batches[k] for k in turn]
    return batches[:steps]
