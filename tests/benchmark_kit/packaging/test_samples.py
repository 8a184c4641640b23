"""Files that others wrote, and files that the board's own loader was run on."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.leaderboards import get_board
from benchmark_kit.leaderboards.rules import Split
from benchmark_kit.packaging.validate import validate

MIT300 = {"i1": (48, 64), "i2": (64, 48), "i10": (40, 64)}
CAT2000 = {"Action/002": (54, 96), "Satelite/002": (54, 96)}
LSUN = {"sun_tes000": (48, 64), "sun_tes001": (64, 48), "sun_tes002": (48, 64)}


def check(root, board, sizes, maps, **options):
    for k, (name, size) in enumerate(sizes.items()):
        path = root / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(k).integers(0, 256, (*size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
    split = Split("test", len(sizes), "|".join(sizes), None, shown="samples")
    small = dataclasses.replace(get_board(board), splits=(split,))
    report = validate(maps, small, root, workers=1, **options)
    return {problem.code for problem in report.problems}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("board", "sizes", "file", "expected"),
    [
        ("mit300", MIT300, "mit300_logdensities.hdf5", set()),
        ("cat2000", CAT2000, "cat2000_logdensities.hdf5", set()),
        ("mit300", MIT300, "bad_float16.hdf5", {"E405"}),
        ("mit300", MIT300, "bad_not_normalised.hdf5", {"E403"}),
    ],
)
def test_densities_that_the_board_was_tried_on(shared, tmp_path, board, sizes, file, expected):
    path = shared / "data" / "format_samples" / "hdf5" / file
    assert check(tmp_path, board, sizes, path, kind="densities") == expected


@pytest.mark.shared
def test_the_cell_array_of_lsun(shared, tmp_path):
    folder = shared / "data" / "format_samples" / "lsun"
    found = check(tmp_path, "lsun", LSUN, folder / "results.mat", list_file=folder / "list.txt")
    assert found <= {"E107"}  # random values: nothing of form or order is wrong
