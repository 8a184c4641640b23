"""MIT300: pictures only."""

import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import InputError


def read(root):
    return get_dataset("mit300", root, cache=False)


def test_pictures_come_in_natural_order_without_fixations(tmp_path, write):
    write.pictures(tmp_path / "BenchmarkIMAGES", ["i10.jpg", "i2.jpg", "i1.jpg"], (30, 40))
    truths = read(tmp_path)
    assert truths.names == ("i1", "i2", "i10")
    assert all(truth.fixations is None and truth.size == (30, 40) for truth in truths)
    assert "3 pictures of 300" in truths.notes


def test_what_archivers_leave_behind_is_skipped(tmp_path, write):
    folder = tmp_path / "BenchmarkIMAGES"
    write.picture(folder / "i1.jpg", (30, 40))
    for stray in (".svn/text-base/i2.jpg", "__MACOSX/i3.jpg", "SM/i4.jpg"):
        write.picture(folder / stray, (30, 40))
    (folder / "._i1.jpg").write_bytes(b"resource fork")
    (folder / ".DS_Store").write_bytes(b"x")
    assert read(tmp_path).names == ("i1",)


def test_the_whole_set_needs_no_note_on_its_number(tmp_path, write):
    write.pictures(tmp_path / "BenchmarkIMAGES", [f"i{n}.jpg" for n in range(1, 301)], (3, 4))
    truths = read(tmp_path)
    assert truths.names == tuple(f"i{n}" for n in range(1, 301))
    assert truths.notes == ("the fixations are secret: only the board can score",)


def test_unreadable_pictures_are_listed(tmp_path, write):
    write.picture(tmp_path / "BenchmarkIMAGES/i1.jpg", (30, 40))
    (tmp_path / "BenchmarkIMAGES/i2.jpg").write_bytes(b"")
    with pytest.raises(InputError, match=r"E301 .*not a readable picture: i2\.jpg"):
        read(tmp_path)


def test_the_folder_of_pictures_itself_is_no_root(tmp_path, write):
    write.picture(tmp_path / "BenchmarkIMAGES/i1.jpg", (30, 40))
    with pytest.raises(InputError, match=f"Fix: give {tmp_path}, of which this folder is a part"):
        read(tmp_path / "BenchmarkIMAGES")
