"""PASCAL-S: row before column, counted from 1, in MATLAB 7.3."""

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import InputError

SIZE = (60, 80)
FIXATIONS = "datasets/fixations/pascalFix.mat"
SIZES = "datasets/fixations/pascalSize.mat"


def read(root):
    return get_dataset("pascal_s", root, cache=False)


def pascal(root, write, tables, *, sizes=None):
    names = [f"{number}.jpg" for number in range(1, len(tables) + 1)]
    write.pictures(root / "datasets/imgs/pascal", names, SIZE)
    tables = [np.array(rows, dtype=float).reshape(-1, 3) for rows in tables]
    write.mat73_cell(root / FIXATIONS, "fixCell", tables)
    write.mat73_array(root / SIZES, "sizeData", np.array(sizes or [SIZE] * len(tables), float))


def test_rows_are_y_x_subject_counted_from_1(tmp_path, write):
    pascal(tmp_path, write, [[(1, 80, 1), (60, 1, 1), (20, 30, 7)]])
    fixations = read(tmp_path)["1"].fixations
    assert fixations.x.tolist() == [79, 0, 29]
    assert fixations.y.tolist() == [0, 59, 19]
    assert fixations.subject.tolist() == [1, 1, 7]


def test_order_counts_each_observers_rows(tmp_path, write):
    pascal(tmp_path, write, [[(5, 5, 2), (6, 6, 1), (7, 7, 2), (8, 8, 2), (9, 9, 1)]])
    assert read(tmp_path)["1"].fixations.order.tolist() == [0, 0, 1, 2, 1]


def test_points_outside_and_nan_are_dropped_and_counted(tmp_path, write):
    strays = [(0.5, 5, 1), (5, 0, 1), (61, 5, 1), (5, 81, 1), (np.nan, 5, 1)]
    pascal(tmp_path, write, [[*strays, (1.5, 2.5, 1)]])
    truths = read(tmp_path)
    assert truths["1"].fixations.x.tolist() == [1.5]
    assert truths["1"].fixations.y.tolist() == [0.5]
    assert truths.dropped == {"negative": 2, "outside": 2, "not finite": 1}


def test_cells_follow_the_numbers_of_the_pictures(tmp_path, write):
    pascal(tmp_path, write, [[(n, 2 * n, 1)] for n in range(1, 12)])
    for truth in read(tmp_path):
        assert truth.fixations.y.tolist() == [int(truth.name) - 1]
        assert truth.fixations.x.tolist() == [2 * int(truth.name) - 1]


def test_the_older_format_of_files_is_read_alike(tmp_path, write):
    pascal(tmp_path, write, [[(5, 6, 1)], []])
    new = read(tmp_path)
    tables = [np.array([[5, 6, 1]], np.uint8), np.empty((0, 0))]
    write.mat(tmp_path / FIXATIONS, fixCell=write.cell(tables))
    write.mat(tmp_path / SIZES, sizeData=np.array([SIZE] * 2, np.uint16))
    assert read(tmp_path).fingerprint == new.fingerprint


def test_resized_pictures_are_refused(tmp_path, write):
    pascal(tmp_path, write, [[(5, 6, 1)]] * 2, sizes=[(60, 80), (120, 160)])
    with pytest.raises(InputError, match=r"E703 recorded on 160x120, .* 80x60: 2\.jpg"):
        read(tmp_path)
    pascal(tmp_path, write, [[(5, 6, 1)]] * 2, sizes=[SIZE])
    with pytest.raises(InputError, match="1 sizes for the 2 pictures of fixCell"):
        read(tmp_path)


def test_without_the_sizes_nobody_could_tell_resized_pictures(tmp_path, write):
    pascal(tmp_path, write, [[(5, 6, 1)]])
    (tmp_path / SIZES).unlink()
    with pytest.raises(InputError, match=r"E701 looked for .*pascalSize\.mat"):
        read(tmp_path)


def test_a_table_of_two_columns_is_refused(tmp_path, write):
    write.picture(tmp_path / "datasets/imgs/pascal/1.jpg", SIZE)
    write.mat73_cell(tmp_path / FIXATIONS, "fixCell", [np.ones((4, 2))])
    write.mat73_array(tmp_path / SIZES, "sizeData", np.array([SIZE], float))
    with pytest.raises(InputError, match=r"E702 .*a table of 3 columns expected"):
        read(tmp_path)
