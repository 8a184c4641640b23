"""Epochs: fair, different, and to be had in any order."""

import numpy as np
import pytest

from keras_saliency.data.order import epoch_order, into_batches, shares_of


def test_shares_are_rounded_to_the_whole():
    assert shares_of(10, [0.5, 0.3, 0.2]) == [5, 3, 2]
    assert shares_of(10, [1 / 3, 1 / 3, 1 / 3]) == [4, 3, 3]
    assert shares_of(8, [0.99, 0.01]) == [8, 1]  # a set that is named is seen


@pytest.mark.parametrize("taken", [3, 10, 25])
def test_every_picture_comes_equally_often(taken):
    rows = [epoch_order([10], [taken], 0, epoch, True)[:, 1] for epoch in range(20)]
    counts = np.bincount(np.concatenate(rows), minlength=10)
    assert counts.max() - counts.min() <= 1
    assert len({tuple(row) for row in rows}) == 20


def test_without_shuffling_the_order_is_the_readers():
    for epoch in (0, 4):
        found = epoch_order([3, 2], [3, 2], 7, epoch, False)
        np.testing.assert_array_equal(found, [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1]])


def test_sets_are_merged_and_not_one_after_the_other():
    found = epoch_order([50, 50], [50, 50], 0, 0, True)
    assert 10 < found[:50, 0].sum() < 40
    again = epoch_order([50, 50], [50, 50], 0, 0, True)
    np.testing.assert_array_equal(found, again)


def test_batches_hold_one_frame_each_and_all_samples():
    samples = epoch_order([20], [20], 0, 3, True)
    frames = [int(image) % 3 for _, image in samples]
    found = into_batches(samples, frames, 4, None, 0, 3, True)
    assert sorted(np.concatenate(found)[:, 1].tolist()) == list(range(20))
    assert all(len(set(batch[:, 1] % 3)) == 1 for batch in found)
    assert len(found) == 6
    kept = into_batches(samples, frames, 4, 5, 0, 3, True)
    assert len(kept) == 5


def test_rare_frames_are_not_always_the_ones_left_out():
    left_out = set()
    for epoch in range(30):
        samples = epoch_order([21], [21], 0, epoch, True)
        frames = [int(image) == 0 for _, image in samples]
        kept = np.concatenate(into_batches(samples, frames, 4, 5, 0, epoch, True))[:, 1]
        left_out.add(0 in kept)
    assert left_out == {True, False}
