"""SALICON: two editions, two kinds of points, `.mat` and JSON, shipped maps."""

import json

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import ConfigError, InputError

STEM = "COCO_val2014_000000000133"


def table(*points):
    return np.array(points, dtype=float).reshape(-1, 2)


def mouse(count):
    """Mouse samples, enough of them to be those of 2015."""
    return np.column_stack([np.arange(count) % 640 + 1, np.arange(count) % 480 + 1])


def xy(truth):
    return np.column_stack([truth.fixations.x, truth.fixations.y]).tolist()


def read(root, edition="2017", **options):
    return get_dataset("salicon", root, edition=edition, cache=False, **options)


def annotate(root, annotations, *, stem=STEM, split="val", name="fixations_val2014.json"):
    content = {
        "images": [{"id": 133, "file_name": f"{stem}.jpg", "height": 480, "width": 640}],
        "annotations": annotations,
    }
    (root / "annotations").mkdir(exist_ok=True)
    (root / "annotations" / name).write_text(json.dumps(content), encoding="utf-8")


def test_the_edition_has_no_default(tmp_path):
    with pytest.raises(ConfigError, match=r"needs the option 'edition'(.|\n)*--edition 2017"):
        get_dataset("salicon", tmp_path)


def test_columns_are_x_y_counted_from_1(tmp_path, write):
    write.salicon(tmp_path, [{"fixations": table((1, 1), (640, 480), (300, 20))}])
    assert xy(read(tmp_path)[STEM]) == [[0, 0], [639, 479], [299, 19]]


def test_small_stored_types_are_widened_before_1_is_subtracted(tmp_path, write):
    # MATLAB stores 0 as uint8, and uint8(0) - 1 would be 255
    workers = [{"fixations": np.array([[0, 5]], np.uint8)}, {"fixations": table((600, 300))}]
    write.salicon(tmp_path, workers)
    truths = read(tmp_path)
    assert xy(truths[STEM]) == [[599, 299]]
    assert truths.dropped == {"negative": 1}


@pytest.mark.parametrize(
    "order", [("location", "timestamp", "fixations"), ("fixations", "location", "timestamp")]
)
def test_fields_are_found_by_name_wherever_they_stand(tmp_path, write, order):
    worker = {"fixations": table((11, 21)), "location": table((31, 41), (32, 42))}
    write.salicon(tmp_path, [worker], fields=order)
    assert xy(read(tmp_path, "2017")[STEM]) == [[10, 20]]
    assert xy(read(tmp_path, "2015", points="fixations")[STEM]) == [[10, 20]]
    assert xy(read(tmp_path, "2015")[STEM]) == [[30, 40], [31, 41]]


def test_each_worker_is_a_subject_and_an_empty_one_is_skipped(tmp_path, write):
    empty = {"fixations": np.empty((0, 0))}
    single, double = {"fixations": table((5, 6))}, {"fixations": table((7, 8), (9, 10))}
    write.salicon(tmp_path, [single, empty, double])
    fixations = read(tmp_path)[STEM].fixations
    assert fixations.subject.tolist() == [0, 1, 1]
    assert fixations.order.tolist() == [0, 0, 1]


def test_raw_positions_are_clipped_in_2017_and_dropped_in_2015(tmp_path, write):
    points = table((641, 100), (50, 481), (0, 7), (20, 30))
    write.salicon(tmp_path, [{"location": points}])
    new = read(tmp_path, "2017", points="mouse")
    assert xy(new[STEM]) == [[639.99, 99], [49, 479.99], [0, 6], [19, 29]]
    assert new.dropped == {}
    assert any("3 points outside the image were moved" in note for note in new.notes)
    old = read(tmp_path, "2015")
    assert xy(old[STEM]) == [[19, 29]]
    assert old.dropped == {"outside": 2, "negative": 1}


def test_samples_that_are_not_numbers_are_dropped_in_both_editions(tmp_path, write):
    write.salicon(tmp_path, [{"location": table((np.nan, 3), (4, 5))}])
    for edition in ("2015", "2017"):
        truths = read(tmp_path, edition, points="mouse")
        assert xy(truths[STEM]) == [[3, 4]]
        assert truths.dropped == {"not finite": 1}


def test_a_mouse_recording_given_as_2017_is_refused(tmp_path, write):
    write.salicon(tmp_path, [{"fixations": mouse(1501)}])
    with pytest.raises(InputError, match=r"E706 a median of 1501 points(.|\n)*--edition 2015"):
        read(tmp_path)
    write.salicon(tmp_path, [{"fixations": mouse(1500)}])
    assert len(read(tmp_path)[STEM].fixations) == 1500


def test_pictures_are_matched_by_the_whole_stem(tmp_path, write):
    write.salicon(tmp_path, [{"fixations": table((5, 5))}])
    twin = "COCO_train2014_000000000133"
    write.salicon(tmp_path, [{"fixations": table((9, 9))}], stem=twin, split="train")
    assert read(tmp_path, split="val").names == (STEM,)
    assert xy(read(tmp_path, split="train")[twin]) == [[8, 8]]


def test_all_pictures_may_lie_in_one_folder(tmp_path, write):
    write.salicon(tmp_path, [{"fixations": table((5, 5))}])
    (tmp_path / f"images/val/{STEM}.jpg").rename(tmp_path / f"images/{STEM}.jpg")
    assert read(tmp_path).names == (STEM,)
    write.picture(tmp_path / f"images/val/{STEM}.jpg", (480, 640))
    with pytest.raises(InputError, match="E104"):
        read(tmp_path)


def test_the_test_split_has_pictures_only(tmp_path, write):
    write.picture(tmp_path / "images/test/COCO_test2014_000000000001.jpg", (480, 640))
    truths = read(tmp_path, split="test")
    assert [truth.fixations for truth in truths] == [None]


def test_maps_are_shipped_densities_of_2017_only(tmp_path, write):
    write.salicon(tmp_path, [{"fixations": table((5, 5))}])
    new, old = read(tmp_path), read(tmp_path, "2015")
    assert (new.density_source, old.density_source) == ("shipped", "computed")
    assert new[STEM].density_file == tmp_path / f"maps/val/{STEM}.png"
    assert (new.dialect, old.dialect, new.sigma_px) == ("salicon2017", "salicon2015", 19)


def test_maps_must_be_all_or_none_and_of_the_pictures_size(tmp_path, write):
    write.salicon(tmp_path, [{"fixations": table((5, 5))}])
    write.salicon(tmp_path, [{"fixations": table((5, 5))}], stem=f"{STEM[:-1]}9", with_map=False)
    with pytest.raises(InputError, match=rf"E702 no density map in maps/: {STEM[:-1]}9"):
        read(tmp_path)
    write.picture(tmp_path / f"maps/val/{STEM[:-1]}9.png", (240, 320))
    with pytest.raises(InputError, match="E703 a density map of another size"):
        read(tmp_path)
    for path in (tmp_path / "maps/val").iterdir():
        path.unlink()
    assert read(tmp_path).density_source == "computed"


def test_maps_given_as_fixations_are_named(tmp_path, write):
    write.picture(tmp_path / f"images/val/{STEM}.jpg", (480, 640))
    write.picture(tmp_path / f"fixations/val/{STEM}.png", (480, 640))
    with pytest.raises(InputError, match="the pictures in it are density maps"):
        read(tmp_path)


def test_every_file_that_contradicts_its_picture_is_listed(tmp_path, write):
    write.salicon(tmp_path, [{"fixations": table((5, 5))}])
    write.picture(tmp_path / f"images/val/{STEM}.jpg", (240, 320))
    other = f"{STEM[:-1]}9"
    write.salicon(tmp_path, [{"fixations": table((5, 5))}], stem=other)
    (tmp_path / f"fixations/val/{other}.mat").write_bytes(b"")
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    assert {(problem.code, *problem.where) for problem in caught.value.problems} == {
        ("E703", f"{STEM}.mat"),
        ("E702", f"{other}.mat"),
    }
    assert "recorded on 640x480, the picture has 320x240" in str(caught.value)


def test_json_holds_row_and_column_counted_from_1(tmp_path, write):
    write.picture(tmp_path / f"images/val/{STEM}.jpg", (480, 640))
    annotate(
        tmp_path,
        [
            {"id": 1, "image_id": 133, "worker_id": 7, "fixations": [[480, 640], [2, 600]]},
            {"id": 2, "image_id": 133, "worker_id": 7, "fixations": []},
            {"id": 3, "image_id": 133, "worker_id": 7, "fixations": [[10, 20]]},
        ],
    )
    truths = read(tmp_path, "2015")
    assert xy(truths[STEM]) == [[639, 479], [599, 1], [19, 9]]
    assert truths[STEM].fixations.subject.tolist() == [0, 0, 1]
    assert truths.points == "mouse"


@pytest.mark.parametrize(
    "options", [{"edition": "2017"}, {"edition": "2015", "points": "fixations"}]
)
def test_json_has_mouse_samples_of_2015_only(tmp_path, write, options):
    write.picture(tmp_path / f"images/val/{STEM}.jpg", (480, 640))
    annotate(tmp_path, [{"image_id": 133, "fixations": [[10, 20]]}])
    with pytest.raises(ConfigError, match=r"mouse samples only(.|\n)*edition='2015'"):
        read(tmp_path, **options)


def test_bad_annotations_and_pictures_listed_twice_are_refused(tmp_path, write):
    write.picture(tmp_path / f"images/val/{STEM}.jpg", (480, 640))
    annotate(tmp_path, [{"image_id": 133, "fixations": [[1, 2, 3]]}, {"image_id": 4}, 5])
    with pytest.raises(InputError) as caught:
        read(tmp_path, "2015")
    places = [place for problem in caught.value.problems for place in problem.where]
    assert places == [f"fixations_val2014.json, annotations[{number}]" for number in range(3)]
    good = [{"image_id": 133, "fixations": [[10, 20]]}]
    annotate(tmp_path, good)
    annotate(tmp_path, good, name="fixations_val2014_again.json")
    with pytest.raises(InputError, match="E104 listed in fixations_val2014"):
        read(tmp_path, "2015")
