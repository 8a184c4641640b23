"""CAT2000: odd and even numbers, `Output` folders, maps of points or exports of scanpaths."""

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import InputError

pytestmark = pytest.mark.usefixtures("small_recordings")

SIZE = (54, 96)


def read(root, **options):
    return get_dataset("cat2000", root, cache=False, **options)


def xy(truth):
    return np.column_stack([truth.fixations.x, truth.fixations.y]).tolist()


def stimuli(root, write, *names, split="train"):
    write.pictures(root / f"{split}Set/Stimuli", [f"{name}.jpg" for name in names], SIZE)


def locations(root, write, name, points):
    values = write.binary(SIZE, points).astype(bool)
    write.mat(root / f"trainSet/FIXATIONLOCS/{name}.mat", fixLocs=values)


def export(root, write, image, observer, subject, points):
    write.mat(
        root / f"extracted/fix{image}_{observer}.mat",
        name=f"Set1-{image}-{subject}.eye.mat",
        data=np.array(points, dtype=float).reshape(-1, 2),
    )


def test_maps_are_rows_by_columns_without_observers(tmp_path, write):
    stimuli(tmp_path, write, "Action/001", "Satelite/003")
    locations(tmp_path, write, "Action/001", [(95, 0), (10, 53)])
    locations(tmp_path, write, "Satelite/003", [(0, 0)])
    truths = read(tmp_path)
    assert truths.names == ("Action/001", "Satelite/003")
    assert xy(truths["Action/001"]) == [[95, 0], [10, 53]]
    assert truths["Action/001"].fixations.subject is None
    assert [truth.category for truth in truths] == ["Action", "Satelite"]
    assert truths.points == "binary maps"


@pytest.mark.parametrize("output", ["Output", "output", "OUTPUT"])
def test_other_peoples_maps_are_skipped(tmp_path, write, output):
    stimuli(tmp_path, write, "Action/001", f"Action/{output}/001_SaliencyMap")
    stimuli(tmp_path, write, "Action/002", f"Action/{output}/002", split="test")
    locations(tmp_path, write, "Action/001", [(5, 6)])
    assert read(tmp_path).names == ("Action/001",)
    assert read(tmp_path, split="test").names == ("Action/002",)


def test_the_test_split_has_even_numbers_and_no_fixations(tmp_path, write):
    stimuli(tmp_path, write, "Action/010", "Action/002", split="test")
    truths = read(tmp_path, split="test")
    assert truths.names == ("Action/002", "Action/010")
    assert [truth.fixations for truth in truths] == [None, None]


@pytest.mark.parametrize(("split", "number", "other"), [("train", 2, "test"), ("test", 1, "train")])
def test_pictures_of_the_other_split_are_told(tmp_path, write, split, number, other):
    stimuli(tmp_path, write, f"Action/{number:03d}", split=split)
    with pytest.raises(InputError, match=rf"E706 .*a picture of the {other} set(.|\n)*--split"):
        read(tmp_path, split=split)


def test_a_wrong_exif_orientation_does_not_turn_a_picture(tmp_path, write):
    write.picture(tmp_path / "testSet/Stimuli/Pattern/134.jpg", SIZE, orientation=6)
    assert read(tmp_path, split="test")["Pattern/134"].size == SIZE


def test_exports_are_counted_from_1_and_numbered_through_all_categories(tmp_path, write):
    stimuli(tmp_path, write, "Action/001", "Affective/001")
    locations(tmp_path, write, "Action/001", [(50, 50)])
    export(tmp_path, write, 1, 1, "AB", [(1, 1), (96, 54)])
    export(tmp_path, write, 1, 2, "CD", [(11, 12)])
    export(tmp_path, write, 2, 1, "CD", [(21.5, 22.5)])
    truths = read(tmp_path)
    assert xy(truths["Action/001"]) == [[0, 0], [95, 53], [10, 11]]
    assert truths["Action/001"].fixations.subject.tolist() == [0, 0, 1]
    assert truths["Action/001"].fixations.order.tolist() == [0, 1, 0]
    assert xy(truths["Affective/001"]) == [[20.5, 21.5]]
    assert truths["Affective/001"].fixations.subject.tolist() == [1]
    assert truths.points == "fixations"


def test_points_outside_nan_and_repeats_are_dropped_from_exports(tmp_path, write):
    stimuli(tmp_path, write, "Action/001")
    strays = [(np.nan, 5), (0.5, 5), (97, 5), (5, 55)]
    # the return to (10, 10) is kept; a repeat counts even with a stray between
    path = [(10, 10), (10, 10), strays[0], (10, 10), (20, 20), (10, 10), *strays[1:]]
    export(tmp_path, write, 1, 1, "AB", path)
    truths = read(tmp_path)
    assert xy(truths["Action/001"]) == [[9, 9], [19, 19], [9, 9]]
    assert truths["Action/001"].fixations.order.tolist() == [0, 4, 5]
    assert truths.dropped == {"repeated": 2, "not finite": 1, "negative": 1, "outside": 2}


def test_exports_that_do_not_cover_the_pictures_are_refused(tmp_path, write):
    stimuli(tmp_path, write, "Action/001", "Action/003")
    export(tmp_path, write, 1, 1, "AB", [(1, 1)])
    with pytest.raises(InputError, match=r"E703 exports on 1 pictures(.|\n)*2 pictures are there"):
        read(tmp_path)


def test_density_maps_given_as_points_are_named(tmp_path, write):
    stimuli(tmp_path, write, "Action/001")
    write.picture(tmp_path / "trainSet/FIXATIONLOCS/Action/001.jpg", SIZE)
    with pytest.raises(InputError, match="belong in FIXATIONMAPS"):
        read(tmp_path)
    density = np.linspace(0, 1, SIZE[0] * SIZE[1]).reshape(SIZE)
    write.mat(tmp_path / "trainSet/FIXATIONLOCS/Action/001.mat", fixLocs=density)
    with pytest.raises(InputError, match="E705 more than two values: a density map"):
        read(tmp_path)


def test_a_transposed_map_of_points_is_refused(tmp_path, write):
    stimuli(tmp_path, write, "Action/001")
    locations(tmp_path, write, "Action/001", [(5, 6)])
    values = write.binary(SIZE, [(5, 6)]).T
    write.mat(tmp_path / "trainSet/FIXATIONLOCS/Action/001.mat", fixLocs=values)
    with pytest.raises(InputError, match=r"E703 a map of 96x54 for a stimulus of 54x96 .*transpos"):
        read(tmp_path)


def test_a_picture_without_its_file_is_noted_and_has_no_fixations(tmp_path, write):
    stimuli(tmp_path, write, "Action/001", "Action/003")
    locations(tmp_path, write, "Action/001", [(5, 6)])
    truths = read(tmp_path)
    assert len(truths["Action/003"].fixations) == 0
    assert "stimuli without fixations: 1 (Action/003)" in truths.notes
