"""The boards' rules: names, counts and formats as the benchmarks have them."""

import re

import pytest

from benchmark_kit.errors import ConfigError
from benchmark_kit.leaderboards import get_board, list_boards
from benchmark_kit.leaderboards.boards import tuebingen
from benchmark_kit.leaderboards.rules import KINDS

STORES = {"png8", "png16", "npy", "jpeg", "hdf5", "json2015", "mat73"}
CAT2000 = """Action Affective Art BlackWhite Cartoon Fractal Indoor Inverted Jumbled LineDrawing
LowResolution Noisy Object OutdoorManMade OutdoorNatural Pattern Random Satelite Sketch
Social"""


@pytest.mark.parametrize("name", list_boards())
def test_a_board_is_complete_and_consistent(name):
    board = get_board(name)
    assert board.name == name
    assert all(split.count > 0 for split in board.splits)
    assert set(board.kinds) <= set(KINDS)
    assert board.kinds[0] == "maps"
    assert {way for ways in board.stores.values() for way in ways} <= STORES
    assert all(extension.startswith(".") for extension in (*board.members, *board.containers))
    assert board.state in ("open", "closed")
    assert re.fullmatch(r"20\d\d-[01]\d", board.state_date)
    assert board.state_source
    assert board.source
    for line in board.lines():
        assert line
    for split in board.splits:
        assert split.shown
        assert not split.folders or split.count % len(split.folders) == 0


@pytest.mark.parametrize("name", list_boards())
def test_open_boards_take_densities(name):
    board = get_board(name)
    assert ("densities" in board.kinds) == (board.state == "open")


def test_only_the_tuebingen_boards_are_open():
    found = {name for name in list_boards() if get_board(name).state == "open"}
    assert found == {board.name for board in tuebingen.BOARDS}


def test_sets_of_salicon_and_lsun_have_the_sizes_of_the_challenges():
    counts = {n: [s.count for s in get_board(n).splits] for n in ("salicon2015", "salicon2017")}
    assert counts == {"salicon2015": [5000, 5000], "salicon2017": [5000]}
    assert [split.count for split in get_board("lsun").splits] == [2000, 5000]
    assert get_board("coco_freeview").count == 1000


def test_names_of_mit300_are_exactly_300():
    split = get_board("mit300").splits[0]
    assert [k for k in range(-5, 2000) if split.names(f"i{k}")] == list(range(1, 301))
    assert not any(split.names(name) for name in ("i01", "I1", "i1.jpg", "a/i1", " i1"))
    assert split.count == 300


@pytest.mark.parametrize("board", ["cat2000", "cat2000_jpg"])
def test_names_of_cat2000_are_even_numbers_in_twenty_folders(board):
    split = get_board(board).splits[0]
    assert list(split.folders) == CAT2000.split()
    for folder in CAT2000.split():
        numbers = [k for k in range(1000) if split.names(f"{folder}/{k:03d}")]
        assert numbers == list(range(2, 201, 2))
    assert not split.names("Satellite/002")
    assert split.count == 2000
    assert "odd" in get_board(board).stranger("Action/001")
    assert get_board(board).stranger("Action/002") is None


def test_splits_are_told_by_the_name():
    board = get_board("salicon2015")
    assert board.split_of("COCO_val2014_000000000133").name == "val"
    assert board.split_of("COCO_test2014_000000000001").name == "test"
    assert board.split_of("COCO_train2014_000000000001") is None
    assert "train" in board.stranger("COCO_train2014_000000000001")
    assert get_board("salicon2017").split_of("COCO_val2014_000000000133") is None
    assert board.count == 10000


def test_a_board_with_a_choice_of_sets_counts_one_of_them():
    board = get_board("lsun")
    assert board.count == 5000
    chosen = board.only(board.splits[0])
    assert (chosen.count, chosen.one_of) == (2000, False)
    assert board.split_of("COCO_test2014_000000000001").name == "test"
    assert board.split_of("sun_aaa").name == "isun"


def test_kernels_of_the_boards_are_the_data_sets_own():
    from benchmark_kit.datasets import dataset_facts

    for name in ("mit300", "cat2000", "coco_freeview"):
        assert get_board(name).blur == dataset_facts(name).sigma_px


@pytest.mark.parametrize(
    ("asked", "near"), [("mit-300", "mit300"), ("salicon", "salicon2017"), ("CAT2000", "cat2000")]
)
def test_an_unknown_board_names_the_nearest(asked, near):
    with pytest.raises(ConfigError, match=rf"nearest: .*{near}"):
        get_board(asked)


def test_a_board_passes_through():
    board = get_board("mit300")
    assert get_board(board) is board
