"""The benchmark's pictures: read as the board names them, refused where they are others."""

import hashlib
import shutil

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.packaging.checks.pixels import pixel_sha1
from benchmark_kit.packaging.checks.stimuli import read_board_stimuli


def only_problem(stimuli):
    (problem,) = stimuli.problems
    return problem


def test_names_sizes_and_keys(stand_in):
    s = stand_in()
    stimuli = read_board_stimuli(s.board, s.stimuli)
    assert stimuli.problems == stimuli.warnings == ()
    assert list(stimuli.by_name) == ["i1", "i2", "i11", "i12"]  # natural order
    assert {name: image.size for name, image in stimuli.by_name.items()} == s.sizes
    first = stimuli.images[0]
    assert (first.width, first.height, first.extension) == (80, 60, ".jpg")
    assert (first.key, first.split) == ("i1.jpg", "test")
    assert first.path == s.stimuli / "i1.jpg"


def test_pixel_sha1_is_that_of_the_decoded_bytes(stand_in):
    s = stand_in()
    for image in read_board_stimuli(s.board, s.stimuli).images:
        with Image.open(image.path) as picture:
            expected = hashlib.sha1(np.asarray(picture).tobytes()).hexdigest()
        assert image.pixel_sha1 == expected


def test_a_gray_picture_is_hashed_with_one_channel(tmp_path):
    gray = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray(gray).save(tmp_path / "a.png")
    assert pixel_sha1(tmp_path / "a.png") == hashlib.sha1(gray.tobytes()).hexdigest()


@pytest.mark.parametrize("above", ["BenchmarkIMAGES", "download/BenchmarkIMAGES"])
def test_folders_around_all_pictures_are_taken_off(stand_in, above):
    s = stand_in()
    (s.root / above).parent.mkdir(parents=True, exist_ok=True)
    s.stimuli.rename(s.root / above)
    top = s.root / above.split("/")[0]
    stimuli = read_board_stimuli(s.board, top if "/" in above else s.root)
    assert list(stimuli.by_name) == ["i1", "i2", "i11", "i12"]
    assert stimuli.problems == ()


def test_output_folders_beside_the_pictures_are_no_pictures(stand_in):
    s = stand_in("cat2000")
    (s.stimuli / "Action" / "Output").mkdir()
    shutil.copy(s.stimuli / "Action" / "002.jpg", s.stimuli / "Action" / "Output" / "002.jpg")
    assert len(read_board_stimuli(s.board, s.stimuli)) == 4


def test_folders_below_a_flat_set_are_left_out(stand_in):
    s = stand_in()
    (s.stimuli / "SM").mkdir()
    shutil.copy(s.stimuli / "i1.jpg", s.stimuli / "SM" / "i1.jpg")
    stimuli = read_board_stimuli(s.board, s.stimuli)
    assert stimuli.problems == ()
    assert len(stimuli) == 4


def test_a_missing_picture_is_counted(stand_in):
    s = stand_in()
    (s.stimuli / "i2.jpg").unlink()
    problem = only_problem(read_board_stimuli(s.board, s.stimuli))
    assert problem.code == "E101"
    assert "3 images of the test split instead of 4" in problem.found
    assert "4 images i1, i2, i11, i12" in problem.expected


def test_everything_that_differs_is_said_at_once(stand_in):
    s = stand_in("cat2000")
    Image.new("RGB", (97, 54)).save(s.stimuli / "Action" / "002.jpg")
    (s.stimuli / "Satelite" / "002.jpg").rename(s.stimuli / "Satelite" / "003.jpg")
    problem = only_problem(read_board_stimuli(s.board, s.stimuli))
    for text in (
        "3 images of the test split instead of 4",
        "folders without 2 images: Satelite 1",
        "1 images are not 96x54 (Action/002 97x54)",
        "1 names that are not the board's (Satelite/003)",
    ):
        assert text in problem.found
    assert "96x54" in problem.expected


def test_pictures_of_another_kind_are_refused(stand_in):
    s = stand_in()
    with Image.open(s.stimuli / "i1.jpg") as picture:
        picture.save(s.stimuli / "i1.png")
    (s.stimuli / "i1.jpg").unlink()
    problem = only_problem(read_board_stimuli(s.board, s.stimuli))
    assert "1 files are not .jpg" in problem.found


@pytest.mark.parametrize(
    ("names", "size", "board"),
    [
        ([f"i{k}" for k in range(1, 301)], (8, 6), "mit300"),
        ([f"COCO_val2014_{k:012d}" for k in range(30)], (640, 480), "salicon2015"),
        ([f"COCO_test2014_{k:012d}" for k in range(30)], (640, 480), "salicon2017"),
        ([f"{f}/{k:03d}" for f in ("Art", "Noisy") for k in (2, 4)], (1920, 1080), "cat2000"),
        ([f"{k:012d}" for k in range(5)], (1680, 1050), "coco_freeview"),
    ],
)
def test_the_board_that_they_resemble_is_named(tmp_path, names, size, board):
    data = tmp_path / "one.jpg"
    Image.new("L", size).save(data)
    for name in names:
        path = tmp_path / "stimuli" / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.hardlink_to(data)
    asked = "coco_freeview" if board == "mit300" else "mit300"
    problem = only_problem(read_board_stimuli(asked, tmp_path / "stimuli"))
    assert f"they resemble {board}" in problem.found
    assert f"--leaderboard {board}" in problem.fix


def test_pictures_of_nothing_known_resemble_no_board(tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "beach.jpg")
    problem = only_problem(read_board_stimuli("mit300", tmp_path))
    assert "resemble" not in problem.found
    assert "1 names that are not the board's (beach)" in problem.found


def test_an_empty_folder_is_refused(tmp_path):
    assert only_problem(read_board_stimuli("mit300", tmp_path)).code == "E101"


def test_equal_pictures_warn(stand_in):
    s = stand_in()
    shutil.copy(s.stimuli / "i1.jpg", s.stimuli / "i2.jpg")
    stimuli = read_board_stimuli(s.board, s.stimuli)
    (warning,) = stimuli.warnings
    assert (warning.code, warning.where) == ("W101", ("i1 = i2",))
    assert stimuli.problems == ()


def test_a_picture_that_cannot_be_decoded_is_refused(stand_in):
    s = stand_in()
    path = s.stimuli / "i1.jpg"
    path.write_bytes(path.read_bytes()[:-2000])
    problem = only_problem(read_board_stimuli(s.board, s.stimuli))
    assert (problem.code, problem.where) == ("E301", ("i1",))


def test_two_pictures_of_one_name_are_refused(stand_in):
    s = stand_in()
    shutil.copy(s.stimuli / "i1.jpg", s.stimuli / "i1.png")
    assert "E104" in {problem.code for problem in read_board_stimuli(s.board, s.stimuli).problems}


def test_a_folder_for_each_split(stand_in):
    s = stand_in("salicon2015")
    for split in ("val", "test"):
        (s.root / split).mkdir()
        for path in s.stimuli.glob(f"COCO_{split}*"):
            path.rename(s.root / split / path.name)
    both = read_board_stimuli(s.board, [s.root / "val", s.root / "test"])
    assert both.problems == ()
    assert sorted({image.split for image in both.images}) == ["test", "val"]
    one = only_problem(read_board_stimuli(s.board, s.root / "val"))
    assert "0 images of the test split instead of 3" in one.found
    twice = read_board_stimuli(s.board, [s.root / "val", s.root / "val", s.root / "test"])
    assert "E104" in {problem.code for problem in twice.problems}


def test_progress_counts_the_pictures(stand_in):
    s = stand_in()
    seen = []
    read_board_stimuli(s.board, s.stimuli, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(k, 4) for k in range(1, 5)]


def test_no_such_folder(stand_in):
    with pytest.raises(ConfigError, match="no such folder"):
        read_board_stimuli("mit300", stand_in().root / "nowhere")


def test_the_list_gives_images_and_order(stand_in):
    s = stand_in("lsun")
    Image.new("RGB", (9, 9)).save(s.stimuli / "sun_training.jpg")
    path = s.root / "list.txt"
    path.write_text("sun_b.jpg\nsun_a\n\nsun_c\n")
    stimuli = read_board_stimuli(s.board, s.stimuli, path)
    assert list(stimuli.by_name) == ["sun_b", "sun_a", "sun_c"]
    assert stimuli.problems == ()
    assert [split.name for split in stimuli.board.splits] == ["isun"]


def test_testing_mat_is_a_list(stand_in):
    s = stand_in("lsun")
    entries = np.zeros((3, 1), dtype=[("image", object), ("resolution", object)])
    for k, name in enumerate(["sun_c", "sun_b", "sun_a"]):
        entries[k, 0] = (name, [[60, 80]])
    savemat(s.root / "testing.mat", {"testing": entries})
    stimuli = read_board_stimuli(s.board, s.stimuli, s.root / "testing.mat")
    assert list(stimuli.by_name) == ["sun_c", "sun_b", "sun_a"]
    cells = np.array([["sun_a"], ["sun_b"], ["sun_c"]], dtype=object)
    savemat(s.root / "cells.mat", {"names": cells})
    stimuli = read_board_stimuli(s.board, s.stimuli, s.root / "cells.mat")
    assert list(stimuli.by_name) == ["sun_a", "sun_b", "sun_c"]


def test_without_a_list_there_is_no_order(stand_in):
    s = stand_in("lsun")
    problem = only_problem(read_board_stimuli(s.board, s.stimuli))
    assert problem.code == "E504"
    assert "--list" in problem.fix


def test_a_list_of_another_count_and_of_absent_images(stand_in):
    s = stand_in("lsun")
    path = s.root / "list.txt"
    path.write_text("sun_a\nsun_b\nsun_c\nsun_d\n")
    problems = read_board_stimuli(s.board, s.stimuli, path).problems
    assert [problem.code for problem in problems] == ["E504", "E101"]
    assert "the image list has 4 names" in problems[0].found
    assert "1 images of the list are absent (sun_d)" in problems[1].found


@pytest.mark.parametrize(
    ("text", "found"), [("", "no names"), ("sun_a\nsun_a.jpg\n", "more than once")]
)
def test_a_list_that_is_none(stand_in, text, found):
    s = stand_in("lsun")
    path = s.root / "list.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=found) as caught:
        read_board_stimuli(s.board, s.stimuli, path)
    assert caught.value.problems[0].code == "E504"


def test_a_broken_mat_is_no_list(stand_in):
    s = stand_in("lsun")
    path = s.root / "testing.mat"
    path.write_bytes(b"no matlab")
    with pytest.raises(InputError, match="no list of image names"):
        read_board_stimuli(s.board, s.stimuli, path)


def test_a_list_for_a_board_without_one(stand_in):
    s = stand_in()
    with pytest.raises(ConfigError, match="leave --list out"):
        read_board_stimuli(s.board, s.stimuli, s.root / "list.txt")
