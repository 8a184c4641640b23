"""DUT-OMRON: the first row is the size, not a fixation."""

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import ConfigError, InputError

SIZE = (60, 80)
FIXATIONS = "DUT-OMRON-eye-fixations/mat"


def read(root):
    return get_dataset("dut_omron", root, cache=False)


def omron(root, write, name, rows, first=(80, 60, 0), stored=float):
    write.picture(root / f"DUT-OMRON-image/{name}.jpg", SIZE)
    write.mat(root / FIXATIONS / f"{name}.mat", s=np.array([first, *rows], dtype=stored))


def test_the_first_row_is_left_out_and_the_rest_is_x_y_subject_from_0(tmp_path, write):
    omron(tmp_path, write, "im005", [(0, 0, 1), (79, 59, 2), (30, 20, 1)], stored=np.uint8)
    truths = read(tmp_path)
    fixations = truths["im005"].fixations
    assert fixations.x.tolist() == [0, 79, 30]
    assert fixations.y.tolist() == [0, 59, 20]
    assert fixations.subject.tolist() == [1, 2, 1]
    assert truths.dropped == {}


def test_points_outside_are_dropped_and_counted(tmp_path, write):
    omron(tmp_path, write, "im005", [(80, 5, 1), (5, 60, 1), (-0.4, 5, 1), (np.nan, 1, 1)])
    truths = read(tmp_path)
    assert len(truths["im005"].fixations) == 0
    assert truths.dropped == {"outside": 2, "negative": 1, "not finite": 1}


@pytest.mark.parametrize("first", [(60, 80, 0), (80, 60, 1), (40, 30, 0)])
def test_a_first_row_that_is_not_the_size_is_refused(tmp_path, write, first):
    omron(tmp_path, write, "im005", [(1, 2, 1)], first=first)
    with pytest.raises(InputError, match=r"E703 its first row is not \[width height 0\]"):
        read(tmp_path)


def test_resource_forks_are_skipped(tmp_path, write):
    omron(tmp_path, write, "im005", [(1, 2, 1)])
    (tmp_path / FIXATIONS / "._im005.mat").write_bytes(b"resource fork")
    (tmp_path / "DUT-OMRON-image/._im005.jpg").write_bytes(b"resource fork")
    assert read(tmp_path).names == ("im005",)


def test_files_and_pictures_without_each_other_are_noted(tmp_path, write):
    for name in ("a", "b"):
        omron(tmp_path, write, name, [(1, 2, 1)])
    (tmp_path / "DUT-OMRON-image/b.jpg").rename(tmp_path / "DUT-OMRON-image/c.jpg")
    truths = read(tmp_path)
    assert [len(truth.fixations) for truth in truths] == [1, 0]
    assert "images without a stimulus, left out: 1 (b)" in truths.notes
    assert "stimuli without fixations: 1 (c)" in truths.notes


def test_a_file_without_its_variable_is_refused(tmp_path, write):
    omron(tmp_path, write, "im005", [(1, 2, 1)])
    write.mat(tmp_path / FIXATIONS / "im005.mat", mask=np.ones(SIZE))
    with pytest.raises(InputError, match=r"E702 .*no variable 's'.*found: mask: im005\.mat"):
        read(tmp_path)


def test_the_name_alone_reminds_that_masks_are_no_fixations():
    with pytest.raises(ConfigError, match=r"dut_omron(.|\n)*salient-object detection"):
        get_dataset("DUT-OMRON-masks", ".")
