"""COCO-Freeview: forced first fixations, points outside, pictures in several folders."""

import pytest
from PIL import Image

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import InputError

pytestmark = pytest.mark.usefixtures("small_recordings")

SIZE = (105, 168)
TABLE = "COCOFreeView_fixations_trainval.json"


def read(root, **options):
    return get_dataset("coco_freeview", root, cache=False, **options)


def scanpath(name="000000000285", subject=1, split="valid", x=(84, 10.5), y=(52, 20.25), **other):
    entry = {"name": f"{name}.jpg", "subject": subject, "split": split, "X": list(x), "Y": list(y)}
    return entry | {"T": [250] * len(x), "length": len(x)} | other


def pictures(root, write, *names, folder="images/bottle"):
    write.pictures(root / folder, [f"{name}.jpg" for name in names], SIZE)


def test_the_forced_first_fixation_is_dropped_and_fractions_stay(tmp_path, write):
    pictures(tmp_path, write, "000000000285")
    entries = [
        scanpath(subject=4, x=(84, 10.5, 0), y=(52, 20.25, 0), T=[100, 200, 300]),
        scanpath(subject=9, x=(84,), y=(52,)),
        scanpath(subject=2, x=(), y=()),
    ]
    write.freeview(tmp_path, entries)
    truths = read(tmp_path)
    fixations = truths["000000000285"].fixations
    assert fixations.x.tolist() == [10.5, 0]
    assert fixations.y.tolist() == [20.25, 0]
    assert fixations.subject.tolist() == [4, 4]
    assert fixations.order.tolist() == [1, 2]
    assert fixations.duration.tolist() == [0.2, 0.3]
    assert truths.dropped == {"first fixation": 2}


def test_points_outside_are_dropped_before_truncation(tmp_path, write):
    pictures(tmp_path, write, "000000000285")
    x, y = (84, -0.4, 168.0, 5, None, 167.9), (52, 5, 5, 105.0, 5, 104.9)
    write.freeview(tmp_path, [scanpath(x=x, y=y)])
    truths = read(tmp_path)
    assert truths["000000000285"].fixations.x.tolist() == [167.9]
    assert truths.dropped == {"first fixation": 1, "negative": 1, "outside": 2, "not finite": 1}


def test_valid_is_val_and_the_unlisted_pictures_are_test(tmp_path, write):
    names = [f"{number:012d}" for number in (1, 2, 3)]
    pictures(tmp_path, write, *names)
    write.freeview(tmp_path, [scanpath(names[0], split="train"), scanpath(names[1])])
    assert read(tmp_path, split="train").names == (names[0],)
    assert read(tmp_path).names == (names[1],)
    test = read(tmp_path, split="test")
    assert (test.names, test[names[2]].fixations) == ((names[2],), None)
    assert "1 pictures, the board's test set has 1,000" in test.notes


def test_the_test_split_needs_no_table(tmp_path, write):
    pictures(tmp_path, write, "000000000285")
    assert read(tmp_path, split="test").names == ("000000000285",)


def test_a_picture_in_several_folders_must_be_one_file(tmp_path, write):
    pictures(tmp_path, write, "000000000285")
    pictures(tmp_path, write, "000000000285", folder="coco_search18_images_TA/cup")
    write.freeview(tmp_path, [scanpath()])
    assert read(tmp_path).names == ("000000000285",)
    other = tmp_path / "coco_search18_images_TA/cup/000000000285.jpg"
    Image.new("L", (SIZE[1], SIZE[0]), 200).save(other)
    with pytest.raises(InputError, match=r"E104 two different pictures(.|\n)*bottle.*and.*cup"):
        read(tmp_path)


@pytest.mark.parametrize("mark", [{"condition": "present"}, {"bbox": [1, 2, 3, 4]}])
def test_scanpaths_of_search_are_refused(tmp_path, write, mark):
    pictures(tmp_path, write, "000000000285")
    write.freeview(tmp_path, [scanpath(), scanpath(**mark)])
    with pytest.raises(InputError, match="E706 a scanpath of COCO-Search18"):
        read(tmp_path)


def test_fields_of_free_viewing_beside_the_documented_ones_are_ignored(tmp_path, write):
    pictures(tmp_path, write, "000000000285")
    write.freeview(tmp_path, [scanpath(task="bottle", condition="freeview")])
    assert len(read(tmp_path)["000000000285"].fixations) == 1


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ([], "E702"),
        ({"name": "000000000285.jpg"}, "E702"),
        (scanpath(length=3), "E703"),
        (scanpath(length=[2]), "E703"),
        (scanpath(y=(1, 2, 3)), "E703"),
        (scanpath(x=("a", "b")), "E702"),
    ],
)
def test_entries_of_another_form_are_refused_with_their_place(tmp_path, write, entry, code):
    pictures(tmp_path, write, "000000000285")
    write.freeview(tmp_path, [scanpath(), entry])
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.where[0] in (f"{TABLE}, entry 1", "000000000285")


@pytest.mark.parametrize("text", ["", "{}", "[", "[" * 100_000])
def test_a_table_that_is_no_list_is_refused(tmp_path, write, text):
    pictures(tmp_path, write, "000000000285")
    (tmp_path / TABLE).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="E702"):
        read(tmp_path)
