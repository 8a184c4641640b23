"""iSUN: three files, an undocumented index base."""

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import InputError

SIZE = (60, 80)
FILES = {"train": "training", "val": "validation", "test": "testing"}


def read(root, **options):
    return get_dataset("isun", root, cache=False, **options)


def xy(truth):
    return np.column_stack([truth.fixations.x, truth.fixations.y]).tolist()


def isun(root, write, images, *, split="val", size=SIZE, resolution=SIZE):
    """By image the tables of its observers, or None for images without gaze."""
    entries = []
    for name, observers in images.items():
        write.picture(root / f"images/{name}.jpg", size)
        entry = {"image": name, "resolution": np.array([resolution], np.uint16), "scene": "kitchen"}
        if observers is not None:
            tables = [{"fixation": np.array(points).reshape(-1, 2)} for points in observers]
            entry["gaze"] = write.structs(tables, row=True)
        entries.append(entry)
    write.mat(root / f"{FILES[split]}.mat", **{FILES[split]: write.structs(entries)})


def test_values_are_unshifted_and_the_index_base_is_printed(tmp_path, write):
    isun(tmp_path, write, {"a": [[(10.5, 20.25), (1, 1)]]})
    truths = read(tmp_path)
    assert xy(truths["a"]) == [[10.5, 20.25], [1, 1]]
    assert "index base 0 (not documented for this data set)" in truths.notes


def test_index_base_1_subtracts_1(tmp_path, write):
    isun(tmp_path, write, {"a": [[(80, 60), (0.5, 7)]]})
    truths = read(tmp_path, index_base=1)
    assert xy(truths["a"]) == [[79, 59]]
    assert truths.dropped == {"negative": 1}
    assert read(tmp_path).dropped == {"outside": 1}


def test_integers_are_widened_before_the_shift(tmp_path, write):
    isun(tmp_path, write, {"a": [np.array([[0, 7], [1, 1]], np.uint8)]})
    truths = read(tmp_path, index_base=1)
    assert xy(truths["a"]) == [[0, 0]]
    assert truths.dropped == {"negative": 1}


def test_observers_are_numbered_within_a_picture(tmp_path, write):
    isun(tmp_path, write, {"b": [[(5, 6)], [], [(7, 8), (9, 10)]], "a": [[(1, 2)]]})
    truths = read(tmp_path)
    assert truths.names == ("a", "b")
    assert truths["b"].fixations.subject.tolist() == [0, 2, 2]
    assert truths["b"].fixations.order.tolist() == [0, 0, 1]
    assert truths["a"].fixations.subject.tolist() == [0]


def test_each_split_has_its_file_and_the_test_part_no_gaze(tmp_path, write):
    isun(tmp_path, write, {"a": [[(5, 6)]]}, split="train")
    isun(tmp_path, write, {"b": [[(7, 8)]]}, split="val")
    isun(tmp_path, write, {"c": None}, split="test")
    assert read(tmp_path, split="train").names == ("a",)
    assert read(tmp_path).names == ("b",)
    truths = read(tmp_path, split="test")
    assert (truths.names, truths["c"].fixations) == (("c",), None)


def test_gaze_recorded_on_another_size_is_refused(tmp_path, write):
    isun(tmp_path, write, {"a": [[(5, 6)]]}, size=(30, 40))
    with pytest.raises(InputError, match="E703 recorded on 80x60, the picture has 40x30: a"):
        read(tmp_path)


def test_images_without_a_picture_are_noted(tmp_path, write):
    isun(tmp_path, write, {"a": [[(5, 6)]], "b": [[(5, 6)]]})
    (tmp_path / "images/a.jpg").unlink()
    truths = read(tmp_path)
    assert truths.names == ("b",)
    assert "images without a stimulus, left out: 1 (a)" in truths.notes
    (tmp_path / "images/b.jpg").unlink()
    with pytest.raises(InputError, match="E703 none of its 2 images is in images/"):
        read(tmp_path)


def test_a_file_with_another_variable_is_refused(tmp_path, write):
    isun(tmp_path, write, {"a": [[(5, 6)]]}, split="train")
    (tmp_path / "training.mat").rename(tmp_path / "validation.mat")
    with pytest.raises(InputError, match=r"no variable 'validation'.*variables found: training"):
        read(tmp_path)
