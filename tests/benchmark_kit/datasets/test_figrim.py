"""FIGRIM: targets and fillers, showings, participants who did not see the picture."""

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import InputError

pytestmark = pytest.mark.usefixtures("small_recordings")

SIZE = (100, 100)
TABLES = {
    "targets": ("Targets", "targetData/allImages_release.mat"),
    "fillers": ("Fillers", "fillerData/allImages_fillers.mat"),
}


def read(root, **options):
    return get_dataset("figrim", root, cache=False, **options)


def xy(truth):
    return np.column_stack([truth.fixations.x, truth.fixations.y]).tolist()


def figrim(root, write, images, kind="targets"):
    """By `category/name` its participants: dictionaries of showing to points, or None."""
    pictures, table = TABLES[kind]
    entries = []
    for name, participants in images.items():
        write.picture(root / pictures / f"{name}.jpg", SIZE)
        category, stem = name.split("/")
        viewers = []
        for number, showings in enumerate(participants):
            tables = {
                showing: np.array((showings or {}).get(showing, []), float).reshape(-1, 2)
                for showing in ("enc", "rec", "rec2")
            }
            viewers.append(
                {
                    "trial": np.empty((0, 0)) if showings is None else np.array([[number + 1.0]]),
                    "RECORDING_SESSION_LABEL": f"p{number}",
                    "SDT": np.array([[1.0]]),
                    "fixations": np.empty((0, 0)) if showings is None else write.structs([tables]),
                }
            )
        userdata = write.structs(viewers, row=True)
        entries.append({"filename": f"{stem}.jpg", "category": category, "userdata": userdata})
    write.mat(root / table, allImages=write.structs(entries, row=True))


def test_only_the_first_showing_counts_by_default(tmp_path, write):
    showings = {"enc": [(10.5, 20.1)], "rec": [(30, 40)], "rec2": [(50, 60), (70, 80)]}
    figrim(tmp_path, write, {"bridge/b1": [showings]})
    assert xy(read(tmp_path)["bridge/b1"]) == [[10.5, 20.1]]
    assert xy(read(tmp_path, memory="rec")["bridge/b1"]) == [[30, 40]]
    assert xy(read(tmp_path, memory="rec2")["bridge/b1"]) == [[50, 60], [70, 80]]
    assert len(read(tmp_path, memory="all")["bridge/b1"].fixations) == 4


def test_who_did_not_see_the_picture_is_skipped_and_numbers_stay(tmp_path, write):
    participants = [None, {"enc": [(1, 2), (3, 4)]}, {"rec": [(9, 9)]}, {"enc": [(5, 6)]}]
    figrim(tmp_path, write, {"bridge/b1": participants})
    fixations = read(tmp_path)["bridge/b1"].fixations
    assert fixations.subject.tolist() == [1, 1, 3]
    assert fixations.order.tolist() == [0, 1, 0]


def test_values_are_unshifted_and_the_index_base_is_printed(tmp_path, write):
    figrim(tmp_path, write, {"bridge/b1": [{"enc": [(0.3, 99.9), (1, 100)]}]})
    truths = read(tmp_path)
    assert xy(truths["bridge/b1"]) == [[0.3, 99.9]]
    assert truths.dropped == {"outside": 1}
    assert "index base 0 (not documented for this data set)" in truths.notes
    shifted = read(tmp_path, index_base=1)
    assert xy(shifted["bridge/b1"]) == [[0, 99]]
    assert shifted.dropped == {"negative": 1}


def test_targets_and_fillers_are_apart(tmp_path, write):
    figrim(tmp_path, write, {"bridge/b1": [{"enc": [(1, 2)]}]})
    figrim(tmp_path, write, {"bridge/b2": [{"enc": [(3, 4)]}]}, kind="fillers")
    assert read(tmp_path).names == ("bridge/b1",)
    assert read(tmp_path, stimuli="fillers").names == ("bridge/b2",)


def test_names_carry_the_category_and_come_in_natural_order(tmp_path, write):
    images = {name: [{"enc": [(1, 2)]}] for name in ("lake/s10", "lake/s2", "bridge/s2")}
    figrim(tmp_path, write, images)
    truths = read(tmp_path)
    assert truths.names == ("bridge/s2", "lake/s2", "lake/s10")
    assert [truth.category for truth in truths] == ["bridge", "lake", "lake"]


def test_images_without_a_picture_are_noted_and_all_of_them_refused(tmp_path, write):
    figrim(tmp_path, write, {"lake/a": [{"enc": [(1, 2)]}], "lake/b": [{"enc": [(3, 4)]}]})
    (tmp_path / "Targets/lake/b.jpg").rename(tmp_path / "Targets/lake/c.jpg")
    truths = read(tmp_path)
    assert "images without a stimulus, left out: 1 (lake/b)" in truths.notes
    assert "stimuli without fixations: 1 (lake/c)" in truths.notes
    (tmp_path / "Targets/lake/a.jpg").unlink()
    with pytest.raises(InputError, match="E703 none of its images is in Targets"):
        read(tmp_path)


def test_an_entry_without_fixations_of_a_showing_is_refused(tmp_path, write):
    figrim(tmp_path, write, {"lake/a": [{"enc": [(1, 2)]}]})
    viewer = {"trial": np.ones((1, 1)), "fixations": write.structs([{"rec": np.ones((1, 2))}])}
    entry = {"filename": "a.jpg", "category": "lake", "userdata": write.structs([viewer])}
    write.mat(tmp_path / TABLES["targets"][1], allImages=write.structs([entry]))
    with pytest.raises(InputError, match=r"E702 .*the field 'enc'.*: allImages\(1\)"):
        read(tmp_path)
