"""One change of names that explains unknown maps, for each kind of change."""

import pytest

from benchmark_kit.maps.renames import find_changes, is_counter, serve_several

FLAT = [f"i{k}" for k in range(1, 31)]
FOLDERS = [f"{folder}/{k:03d}" for folder in ("Action", "Satelite") for k in range(2, 21, 2)]
DIGITS = [f"COCO_val2014_{k:012d}" for k in range(7, 700, 31)]


@pytest.mark.parametrize(
    ("images", "change", "what", "fix"),
    [
        (FLAT, lambda n: n + "_smap", "the suffix '_smap'", "--strip _smap"),
        (FLAT, lambda n: n + ".jpg", "the suffix '.jpg'", "--strip .jpg"),
        (FLAT, lambda n: "sal_" + n, "the prefix 'sal_'", "--prefix sal_"),
        (FLAT, lambda n: f"a{n}_b", "the prefix 'a' and the suffix '_b'", "--prefix a --strip _b"),
        (FLAT, str.upper, "upper and lower case", "rename"),
        (FLAT, lambda n: n[1:], "the missing prefix 'i'", "rename"),
        (DIGITS, lambda n: n[13:], "the missing prefix 'COCO_val2014_'", "rename"),
        (FOLDERS, lambda n: n + "_out", "the suffix '_out'", "--strip _out"),
        (FOLDERS, lambda n: n.replace("/", "/sal_"), "the prefix 'sal_'", "--prefix sal_"),
        (FOLDERS, lambda n: n.replace("/", "_"), "an underscore for the folder's slash", "folders"),
        (FOLDERS, lambda n: n.replace("/", "\\"), "a backslash for the folder's slash", "folders"),
        (FOLDERS[:10], lambda n: n[7:], "the folder's missing name", "folders"),
    ],
)
def test_a_change_of_all_names_is_found_and_turned_back(images, change, what, fix):
    present = [change(name) for name in images]
    (found,) = find_changes(images, present)
    assert found.what == what
    assert fix in found.fix
    assert found.renames == dict(zip(present, images, strict=True))


def test_satellite():
    images = [name for name in FOLDERS if name.startswith("S")]
    (found,) = find_changes(images, [name.replace("Satelite", "Satellite") for name in images])
    assert "Satelite" in found.what
    assert len(found.renames) == 10


def test_two_changes_are_both_found_the_larger_first():
    present = [n + "_x" for n in FLAT[:20]] + [n.upper() for n in FLAT[20:]]
    first, second = find_changes(FLAT, present)
    assert (len(first.renames), len(second.renames)) == (20, 10)
    assert second.what == "upper and lower case"


def test_names_of_something_else_are_not_explained():
    assert find_changes(FLAT, ["beach", "forest"]) == []
    assert find_changes([], ["beach"]) == []


def test_a_chance_match_among_many_is_no_change():
    present = [f"beach{k}" for k in range(29)]
    assert find_changes(FLAT, [*present, "old_i7x"]) == []
    assert len(find_changes(FLAT, ["beach", "old_i7x"])) == 1


def test_no_image_is_promised_to_two_maps():
    (found,) = find_changes(["i1"], ["I1", "i1_"])[:1]
    assert len(found.renames) == 1


@pytest.mark.parametrize("start", [0, 1])
def test_a_counter_in_every_folder_is_recognised(start):
    count = [f"{f}/{k + start:03d}" for f in ("Action", "Satelite") for k in range(10)]
    assert is_counter(count, FOLDERS)


def test_what_is_no_counter():
    assert not is_counter(FOLDERS, FOLDERS)
    assert not is_counter([f"Action/{k}" for k in range(1, 11)], FOLDERS)
    assert not is_counter([name + "x" for name in FOLDERS], FOLDERS)
    assert not is_counter([name.replace("002", "003") for name in FOLDERS], FOLDERS)
    assert not is_counter([], FOLDERS)


def test_bare_names_that_several_folders_have():
    assert serve_several(["002", "999", "Action/002"], FOLDERS) == ["002"]
