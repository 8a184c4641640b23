"""Names of the members and their order, for every store."""

import pytest

from benchmark_kit.packaging.checks.stimuli import read_board_stimuli
from benchmark_kit.packaging.jobs import make_jobs
from benchmark_kit.packaging.recipe import Recipe


def members(stand, store, **options):
    pictures = read_board_stimuli(stand.board, stand.stimuli, **options)
    jobs = make_jobs(pictures, lambda name: name, Recipe("maps", store), "net")
    return [(job.name, job.member) for job in jobs]


@pytest.mark.parametrize(
    ("store", "first"),
    [("png8", "i1.png"), ("png16", "i1.png"), ("npy", "i1.npy"), ("jpeg", "net/i1.jpg"),
     ("hdf5", "i1.jpg")],
)  # fmt: skip
def test_members_are_sorted_and_named_after_the_images(stand_in, store, first):
    found = members(stand_in("mit300"), store)
    assert found[0] == ("i1", first)
    assert [name for name, _ in found] == ["i1", "i11", "i12", "i2"]


def test_cells_keep_the_lists_order(stand_in, tmp_path):
    (tmp_path / "list.txt").write_text("sun_b.jpg\nsun_c.jpg\nsun_a.jpg\n")
    found = members(stand_in("lsun"), "mat73", list_file=tmp_path / "list.txt")
    assert [name for name, _ in found] == ["sun_b", "sun_c", "sun_a"]
    assert len({member for _, member in found}) == 3


def test_entries_of_one_split_come_together(stand_in):
    found = members(stand_in("salicon2015"), "json2015")
    files = [member for _, member in found]
    assert files == sorted(files)
    assert len(set(files)) == 2


def test_a_map_is_asked_for_when_its_turn_comes(stand_in):
    stand = stand_in("mit300")
    asked = []
    pictures = read_board_stimuli(stand.board, stand.stimuli)
    jobs = make_jobs(pictures, asked.append, Recipe("maps", "png8"), "net")
    next(jobs)
    assert asked == ["i1"]
