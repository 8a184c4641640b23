"""Matching maps to images by name, and what is said where they do not match."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.images import write_png
from benchmark_kit.maps.check import check_maps
from benchmark_kit.maps.pixels import most_pixels, prepare_pixels
from benchmark_kit.maps.sources import ArrayReference, open_maps
from benchmark_kit.types import GroundTruth, Truths

SIZE = (6, 8)


def truths(*names, size=SIZE):
    return Truths("made", tuple(GroundTruth(name, size) for name in names))


def maps(*names, size=SIZE):
    return open_maps({name: np.full(size, k, np.uint8) for k, name in enumerate(names)})


def problems(source, data, **options):
    with pytest.raises(InputError) as caught:
        check_maps(source, data, **options)
    return {problem.code: problem for problem in caught.value.problems}


def test_names_come_in_the_data_sets_order_with_their_own_map():
    data = truths("b/2", "a", "b/10")
    checked = check_maps(maps("a.png", "b/10.JPG", "b/2.npy"), data)
    assert checked.names == ("b/2", "a", "b/10")
    assert {n: checked.references[n].array[0, 0] for n in data.names} == {
        "a": 0,
        "b/10": 1,
        "b/2": 2,
    }
    assert (checked.missing, checked.warnings, checked.resized) == ((), (), None)


def test_only_known_endings_are_taken_off():
    data = truths("v1.5", "a.b")
    assert check_maps(maps("v1.5", "a.b.png"), data).names == ("v1.5", "a.b")


def test_accents_match_however_they_are_encoded():
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    assert check_maps(maps(f"{decomposed}.png"), truths(composed)).names == (composed,)


def test_missing_maps_are_refused_or_noted():
    found = problems(maps("a"), truths("a", "b", "c"))
    assert set(found) == {"E102"}
    assert found["E102"].where == ("b", "c")
    checked = check_maps(maps("a"), truths("a", "b", "c"), partial=True)
    assert (checked.names, checked.missing) == (("a",), ("b", "c"))
    assert [(w.code, w.where) for w in checked.warnings] == [("W102", ("b", "c"))]


def test_unknown_maps_are_refused_or_left_out():
    assert problems(maps("a", "x", "y"), truths("a"))["E103"].where == ("x", "y")
    checked = check_maps(maps("a", "x", "y"), truths("a"), partial=True)
    assert checked.names == ("a",)
    assert [(w.code, w.where) for w in checked.warnings] == [("W103", ("x", "y"))]


def test_partial_needs_at_least_one_map():
    assert "E102" in problems(maps("x"), truths("a"), partial=True)


@pytest.mark.parametrize(
    ("given", "known", "named", "fix"),
    [
        (["a_sal", "b_sal"], ["a", "b"], "the suffix '_sal'", "--strip _sal"),
        (["sal_a", "sal_b"], ["a", "b"], "the prefix 'sal_'", "--prefix sal_"),
        (["A", "B"], ["a", "b"], "upper and lower case", "rename the maps"),
        (
            ["in_a", "in_b"],
            ["in/a", "in/b"],
            "an underscore for the folder's slash",
            "into folders",
        ),
        (["a1", "b1"], ["in/a1", "in/b1"], "the folder's missing name", "into folders"),
        (
            ["Satellite/a", "Satellite/b"],
            ["Satelite/a", "Satelite/b"],
            "'Satellite'",
            "rename the folder to Satelite",
        ),
    ],
)
def test_one_change_of_names_that_explains_all_is_named(given, known, named, fix):
    problem = problems(maps(*given), truths(*known))["E105"]
    assert f"names differ by {named}" in problem.found
    assert problem.found.endswith("explains 2 of 2 unknown maps")
    assert fix in problem.fix
    assert problem.where == tuple(f"{a} (image {b})" for a, b in zip(given, known, strict=True))


def test_names_without_a_pattern_get_no_guess():
    assert set(problems(maps("x", "y", "z"), truths("a", "b", "c"))) == {"E102", "E103"}


def test_strip_takes_the_suffix_off_where_it_is():
    checked = check_maps(maps("a_sal.png", "b.png"), truths("a", "b"), strip="_sal")
    assert checked.names == ("a", "b")


def test_prefix_is_taken_off_the_last_part_of_names():
    checked = check_maps(maps("in/sal_a.png", "b.png"), truths("in/a", "b"), prefix="sal_")
    assert checked.names == ("in/a", "b")


def test_maps_that_are_counted_in_a_row_are_told():
    problem = problems(maps("1", "2", "3"), truths("x", "y", "z"))["E105"]
    assert "numbered in a row" in problem.found


def test_maps_that_would_serve_several_folders_are_told():
    known = truths("in/a", "out/a", "in/b", "out/b")
    assert "would serve several folders" in problems(maps("a", "b"), known)["E105"].found


def test_two_maps_of_one_name_are_refused():
    assert problems(maps("a.png", "a.npy"), truths("a"))["E104"].where == ("a.npy = a.png",)
    found = problems(maps("a.png", "A.png"), truths("a"))["E104"]
    assert found.where == ("A.png = a.png",)
    assert problems(maps("a.png", "a_s.png"), truths("a"), strip="_s")["E104"]


def test_a_folder_around_everything_is_taken_off_only_if_that_helps():
    checked = check_maps(maps("out/a.png", "out/in/b.png"), truths("a", "in/b"))
    assert checked.names == ("a", "in/b")
    assert [w.code for w in checked.warnings] == ["W105"]
    assert check_maps(maps("in/a.png"), truths("in/a")).warnings == ()
    assert "E103" in problems(maps("out/x.png"), truths("a"))
    assert "E103" in problems(maps("out/a.png", "b.png"), truths("a", "b"))


def test_folders_of_other_peoples_maps_are_refused():
    found = problems(maps("a.png", "Action/Output/a.png"), truths("a"))
    assert found["E106"].where == ("Action/Output/a.png",)


def test_swapped_sides_are_refused_or_turned():
    source, data = maps("a", size=(8, 6)), truths("a")
    assert problems(source, data)["E201"].where == ("a",)
    checked = check_maps(source, data, transpose=True)
    assert (checked.transposed, checked.other_size) == ({"a"}, frozenset())
    # maps that fit stay as they are
    assert check_maps(maps("a"), data, transpose=True).transposed == frozenset()


@pytest.mark.parametrize(
    ("sizes", "code", "words"),
    [
        ([(3, 4), (3, 4)], "E202", "2 maps have 0.5 x 0.5 times the size"),
        ([(3, 8), (3, 8)], "E202", "2 maps have 1 x 0.5 times the size"),
        ([(3, 4), (5, 5)], "E203", "2 maps have another size than their images"),
    ],
)
def test_other_sizes_are_told_by_their_ratio(sizes, code, words):
    source = open_maps({n: np.zeros(s) for n, s in zip("ab", sizes, strict=True)})
    problem = problems(source, truths("a", "b"))[code]
    assert problem.found.startswith(words)
    assert problem.where[0] == f"a {sizes[0][1]}x{sizes[0][0]} (image 8x6)"
    checked = check_maps(source, truths("a", "b"), resize="bilinear")
    assert checked.other_size == {"a", "b"}
    assert checked.kernel("a") == "bilinear"
    assert checked.resized == {"count": 2, "kernel": "bilinear"}


def test_one_size_for_images_of_many_is_the_networks():
    data = Truths("made", (GroundTruth("a", (6, 8)), GroundTruth("b", (10, 9))))
    problem = problems(maps("a", "b", size=(4, 4)), data)["E203"]
    assert problem.found.endswith("all the same: the network's output size, perhaps")


def test_a_map_that_fits_is_not_resized():
    checked = check_maps(maps("a"), truths("a"), resize="bilinear")
    assert checked.kernel("a") is None
    assert checked.resized is None


def test_an_unknown_kernel_is_wrong_usage():
    with pytest.raises(ConfigError, match="lanczos"):
        check_maps(maps("a"), truths("a"), resize="lanczos")


def test_everything_wrong_is_in_one_error():
    source = open_maps(
        {
            "a": np.zeros((8, 6)),
            "b": np.zeros((3, 4)),
            "x": np.zeros(SIZE),
            "c": np.zeros(5),
        }
    )
    found = problems(source, truths("a", "b", "c", "d"))
    assert set(found) == {"E102", "E103", "E201", "E202", "E303"}
    assert (found["E102"].where, found["E303"].where) == (("d",), ("c",))


def test_types_are_counted_in_words():
    source = open_maps({"a": np.zeros(SIZE), "b": np.zeros(SIZE), "c": np.zeros(SIZE, np.uint8)})
    assert check_maps(source, truths("a", "b", "c")).stored_as == "float64 array, uint8 array"


def test_the_listing_changes_with_a_map_and_not_with_the_order():
    data = truths("a", "b")
    arrays = {"a": np.zeros(SIZE), "b": np.ones(SIZE)}
    base = check_maps(open_maps(arrays), data).listing_fingerprint
    turned = check_maps(open_maps(dict(reversed(arrays.items()))), data).listing_fingerprint
    other = check_maps(open_maps({**arrays, "b": np.full(SIZE, 2.0)}), data).listing_fingerprint
    assert base == turned != other


def test_maps_may_have_four_times_the_pixels_of_their_image_and_no_less_than_four_million():
    assert most_pixels((10, 10)) == 2**22
    assert most_pixels((4000, 3000)) == 48_000_000


def test_pixels_come_turned_then_resized():
    values = np.arange(12.0).reshape(3, 4)
    turned = prepare_pixels(ArrayReference(values), (4, 3), True, None)
    assert np.array_equal(turned, values.T)
    assert turned.flags.c_contiguous
    doubled = prepare_pixels(ArrayReference(values), (6, 8), False, "nearest")
    assert np.array_equal(doubled, np.repeat(np.repeat(values, 2, 0), 2, 1))


@pytest.mark.parametrize("copied", [{"3"}, {"0", "8"}])
def test_stimuli_that_lie_among_the_maps_are_told_wherever_they_lie(tmp_path, copied):
    images, wanted = [], sorted(f"{name}.png" for name in copied)
    (tmp_path / "maps").mkdir()
    for k in range(9):
        stimulus = tmp_path / f"{k}.png"
        write_png(stimulus, np.full(SIZE, k, np.uint8))
        images.append(GroundTruth(str(k), SIZE, stimulus=stimulus))
        values = k if str(k) in copied else k + 1  # as many bytes
        write_png(tmp_path / "maps" / f"{k}.png", np.full(SIZE, values, np.uint8))
    found = problems(open_maps(tmp_path / "maps"), Truths("made", tuple(images)))
    assert sorted(found["E107"].where) == wanted
