"""What is kept is what was made; memory ends at its limit, and files are found by later runs."""

import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.data import Augmentation, batches
from keras_saliency.data.kept import Disk, Memory, Nothing, keeper


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"1")
    return path


class Counted:
    def __init__(self):
        self.times = 0

    def __call__(self):
        self.times += 1
        return np.arange(6, dtype=np.int16).reshape(2, 3)


@pytest.mark.parametrize("kind", [Memory, Disk])
def test_an_array_is_made_once(kind, file, tmp_path):
    keep = Memory() if kind is Memory else Disk(tmp_path / "kept")
    made = Counted()
    first, again = (keep.array(file, ("a", 1), made) for _ in range(2))
    assert made.times == 1
    np.testing.assert_array_equal(first, again)
    assert again.dtype == np.int16
    keep.array(file, ("a", 2), made)
    assert made.times == 2
    Nothing().array(file, ("a", 1), made)
    assert made.times == 3


def test_memory_ends_at_its_limit(file):
    keep, made = Memory(limit=30), Counted()
    for what in (1, 2, 3, 1, 2, 3):
        keep.array(file, what, made)
    assert keep.bytes == 24
    assert made.times == 3 + 1  # the third found no room


def test_files_are_found_by_another_run_until_the_picture_changes(file, tmp_path):
    made = Counted()
    Disk(tmp_path / "kept").array(file, "a", made)
    Disk(tmp_path / "kept").array(file, "a", made)
    assert made.times == 1
    file.write_bytes(b"22")
    Disk(tmp_path / "kept").array(file, "a", made)
    assert made.times == 2


def test_a_damaged_file_is_made_anew_and_a_full_disk_fails_no_run(file, tmp_path):
    made, keep = Counted(), Disk(tmp_path / "kept")
    keep.array(file, "a", made)
    (stored,) = (tmp_path / "kept").rglob("*.npy")
    stored.write_bytes(stored.read_bytes()[:-3])
    np.testing.assert_array_equal(keep.array(file, "a", made), made())
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"")
    np.testing.assert_array_equal(Disk(blocked).array(file, "a", made), made())


def test_the_users_cache_place_is_used(file):
    Disk().array(file, "a", Counted())
    assert list(Path(os.environ["KERAS_SALIENCY_CACHE"]).glob("pictures/*/*"))
    assert isinstance(keeper(True), Memory)
    assert isinstance(keeper(False), Nothing)
    assert isinstance(keeper("disk"), Disk)


def test_batches_are_the_same_however_pictures_are_kept(truths, network):
    icf = network("icf", recipe="quick")
    options = {"batch_size": 2, "augment": Augmentation(crop=0.5, saturation=0.3)}
    made = [batches(truths, icf, cache=cache, **options) for cache in (True, False, "disk", "disk")]
    for epoch in range(2):
        for step in range(made[0].steps):
            (first, _), _ = made[0].arrays(epoch, step)
            for other in made[1:]:
                np.testing.assert_array_equal(first, other.arrays(epoch, step)[0][0])
