"""The leaderboard and the store of docs/contributing.md: added to a copy, listed, packaged for."""

import json
import zipfile

import numpy as np
import pytest

from benchmark_kit.imaging.images import read_map, write_png


@pytest.fixture
def drawn(tmp_path):
    """Folders of four pictures and of a map for each."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:40, :60]
    for folder in ("pictures", "maps"):
        (tmp_path / folder).mkdir()
    for k in range(1, 5):
        picture = rng.integers(0, 256, (40, 60, 3), np.uint8)
        write_png(tmp_path / "pictures" / f"d{k}.png", picture)
        peak = np.exp(-(((rows - 8 * k) / 9) ** 2) - ((columns - 25 - 3 * k) / 12) ** 2)
        write_png(tmp_path / "maps" / f"d{k}.png", (20 + 235 * peak).astype(np.uint8))
    return tmp_path


def test_the_board_is_listed_checked_and_packaged_for(copy, drawn):
    added = copy.add("A leaderboard")
    assert added == {"benchmark_kit/leaderboards/boards/drawn.py"}
    assert "drawn          Drawn pictures" in copy.salbench("list", "leaderboards")
    board = ("--leaderboard", "drawn", "--stimuli", drawn / "pictures")
    report = json.loads(
        copy.salbench("validate", drawn / "maps", *board, "--format", "json", "--workers", 1)
    )
    assert report["ok"]
    made = drawn / "a_model.zip"
    told = copy.salbench("package", drawn / "maps", *board, "--out", made, "--workers", 1, "-q")
    assert "every map is there" in told
    with zipfile.ZipFile(made) as archive:
        assert archive.namelist() == [f"d{k}.png" for k in range(1, 5)]


def test_the_store_is_written_read_back_and_named_by_the_board(copy, drawn):
    copy.add("A leaderboard")
    added = copy.add("A store")
    assert added == {
        "benchmark_kit/leaderboards/boards/drawn_tiff.py",
        "benchmark_kit/packaging/stores/tiff.py",
    }
    assert "maps: tiff16" in copy.salbench("list", "leaderboards", "-v")
    board = ("--leaderboard", "drawn_tiff", "--stimuli", drawn / "pictures")
    made = drawn / "a_model.zip"
    told = copy.salbench("package", drawn / "maps", *board, "--out", made, "--workers", 1, "-q")
    assert "every map is there" in told
    with zipfile.ZipFile(made) as archive:
        for k in range(1, 5):
            stored = read_map(("d.tiff", archive.read(f"d{k}.tiff")))
            given = read_map(drawn / "maps" / f"d{k}.png").astype(float)
            assert stored.dtype == np.uint16
            assert np.abs(stored - 65535 * given / given.max()).max() <= 1
    refused = copy.python(
        "from benchmark_kit import package\n"
        f"maps, out = {str(drawn / 'maps')!r}, {str(drawn / 'b.zip')!r}\n"
        "try: package(maps, 'drawn', "
        f"{str(drawn / 'pictures')!r}, out, store='tiff16')\n"
        "except Exception as error: print(error)"
    )
    assert "takes maps as png8, png16, jpeg, not as tiff16" in refused
