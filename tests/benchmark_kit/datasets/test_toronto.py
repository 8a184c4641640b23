"""Toronto: a cell of binary maps that belong to numbered pictures."""

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import InputError

SIZE = (51, 68)
PICTURES = "eyetrackingdata/fixdens/Original Image Set"
MAPS = "eyetrackingdata/fixdens/origfixdata.mat"


def read(root):
    return get_dataset("toronto", root, cache=False)


def toronto(root, write, maps, numbers=None):
    names = [f"{number}.jpg" for number in numbers or range(1, len(maps) + 1)]
    write.pictures(root / PICTURES, names, SIZE)
    write.mat(root / MAPS, white=write.cell(maps, row=True))


def test_cell_n_belongs_to_picture_n_also_beyond_9(tmp_path, write):
    toronto(tmp_path, write, [write.binary(SIZE, [(n, 2 * n)]) for n in range(1, 13)])
    truths = read(tmp_path)
    assert len(truths) == 12
    for truth in truths:
        assert truth.fixations.x.tolist() == [int(truth.name)]
        assert truth.fixations.y.tolist() == [2 * int(truth.name)]


def test_ones_are_points_without_observers(tmp_path, write):
    values = write.binary(SIZE, [(67, 0), (3, 50)])
    for stored in (values, values.astype(bool), values * 255.0):
        toronto(tmp_path, write, [stored])
        fixations = read(tmp_path)["1"].fixations
        assert fixations.flat_index.tolist() == [67, 50 * 68 + 3]
        assert fixations.subject is None
    assert read(tmp_path).points == "binary maps"


def test_a_map_of_zeros_has_no_points(tmp_path, write):
    toronto(tmp_path, write, [np.zeros(SIZE)])
    assert len(read(tmp_path)["1"].fixations) == 0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.zeros(SIZE[::-1]), r"E703 a map of 68x51 for a stimulus of 51x68 .*transposed: 1"),
        (np.arange(51 * 68.0).reshape(SIZE), "E705 more than two values"),
        (np.tile([0.0, 1.0], (51, 34)), "E705 more than 20% of the pixels are set"),
        (np.array(["text"]), "E705 numbers expected, found text"),
    ],
)
def test_what_is_no_map_of_points_is_refused(tmp_path, write, values, said):
    toronto(tmp_path, write, [values])
    with pytest.raises(InputError, match=said):
        read(tmp_path)


def test_missing_and_surplus_pictures_are_told(tmp_path, write):
    maps = [write.binary(SIZE, [(5, 6)])] * 3
    toronto(tmp_path, write, maps, numbers=[1, 3])
    truths = read(tmp_path)
    assert truths.names == ("1", "3")
    assert "images without a stimulus, left out: 1 (2)" in truths.notes
    write.picture(tmp_path / PICTURES / "4.jpg", SIZE)
    with pytest.raises(InputError, match=r"a picture beyond the 3 maps of .*: 4\.jpg"):
        read(tmp_path)


def test_pictures_without_a_number_are_not_counted(tmp_path, write):
    toronto(tmp_path, write, [write.binary(SIZE, [(5, 6)])])
    write.picture(tmp_path / PICTURES / "montage.jpg", SIZE)
    assert read(tmp_path).names == ("1",)
    (tmp_path / PICTURES / "1.jpg").unlink()
    with pytest.raises(InputError, match="none of its 1 maps has a picture"):
        read(tmp_path)


def test_a_folder_inside_the_tree_is_no_root(tmp_path, write):
    toronto(tmp_path, write, [write.binary(SIZE, [(5, 6)])])
    with pytest.raises(InputError, match=f"Fix: give {tmp_path}, of which"):
        read(tmp_path / "eyetrackingdata/fixdens")
