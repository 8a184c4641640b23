"""Whole boards of small images: packaged, validated, and scored alike from folder and package."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.calls.evaluate import evaluate
from benchmark_kit.imaging.images import quantise, write_png
from benchmark_kit.leaderboards import get_board
from benchmark_kit.packaging.package import package
from benchmark_kit.packaging.validate import validate
from benchmark_kit.types import Fixations, GroundTruth, Truths

SMALL = (20, 28)  # height, width
SIZES = (SMALL, (28, 20), (24, 24))
BOARD_FOLDERS = get_board("cat2000").splits[0].folders
NAMES = {
    "mit300": [f"i{k}" for k in range(1, 301)],
    "cat2000": [f"{folder}/{k:03d}" for folder in BOARD_FOLDERS for k in range(2, 201, 2)],
    "coco_freeview": [f"{k * 285:012d}" for k in range(1, 1001)],
    "salicon2017": [f"COCO_test2014_{k * 16:012d}" for k in range(1, 5001)],
}

pytestmark = pytest.mark.slow


def small_board(name):
    """The board with its images made small, where it fixes their size."""
    board = get_board(name)
    splits = [s if s.size is None else dataclasses.replace(s, size=SMALL[::-1])
              for s in board.splits]  # fmt: skip
    return dataclasses.replace(board, splits=tuple(splits))


def centre_bias(size):
    y, x = (((np.arange(n) + 0.5) / n - 0.5) / 0.3 for n in size)
    return np.exp(-0.5 * (y[:, None] ** 2 + x**2))


def fixations(rng, size):
    points = rng.normal(0.5, 0.2, (8, 2)).clip(0, 0.999) * size
    return Fixations(points[:, 1], points[:, 0], size)


@pytest.fixture(params=list(NAMES))
def whole(request, tmp_path):
    """A board, the folder of its stimuli, 8-bit maps of a centre bias, and made-up fixations."""
    board, truths, known = small_board(request.param), [], {}
    several = board.splits[0].size is None
    for k, name in enumerate(NAMES[request.param]):
        size = SIZES[k % 3] if several else SMALL
        rng = np.random.default_rng(k)
        stimulus, saved = tmp_path / "stimuli" / f"{name}.jpg", tmp_path / "maps" / f"{name}.png"
        for path in (stimulus, saved):
            path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(stimulus)
        if size not in known:
            known[size] = quantise(centre_bias(size))
        write_png(saved, known[size])
        truths.append(GroundTruth(name, size, fixations=fixations(rng, size)))
    return board, tmp_path, Truths(board.name, tuple(truths))


def scores(maps, truths, **options):
    found = evaluate(maps, truths, metrics="auc,sauc,nss,cc,kl,sim", bootstrap=0, **options)
    return [{key: row[key] for key in found.metrics} for row in found.images]


def test_folder_and_package_score_alike(whole):
    board, root, truths = whole
    made = package(root / "maps", board, root / "stimuli", root / "net.zip", allow_identical=True)
    assert made.manifest["images"] == board.count == len(made.manifest["members"])
    assert made.manifest["largest_error"]["value"] == 0
    report = validate(made.path, board, root / "stimuli", allow_identical=True)
    assert report.ok, report.text()
    assert scores(root / "maps", truths) == scores(made.path, truths)
    again = package(
        root / "maps", board, root / "stimuli", root / "again.zip", allow_identical=True, workers=1
    )
    assert again.path.read_bytes() == made.path.read_bytes()


@pytest.mark.parametrize("whole", ["mit300", "cat2000", "coco_freeview"], indirect=True)
def test_densities_validate_and_score_as_what_they_were_made_of(whole):
    board, root, truths = whole
    made = package(
        root / "maps",
        board,
        root / "stimuli",
        root / "net.hdf5",
        kind="densities",
        to_density="sum",
        floor=0.0625,
        allow_identical=True,
    )
    report = validate(made.path, board, root / "stimuli", kind="densities", allow_identical=True)
    assert report.ok, report.text()
    logs = {}
    for truth in truths:
        values = quantise(centre_bias(truth.size)).astype(float)
        logs[truth.name] = np.log(0.9375 * values / values.sum() + 0.0625 / values.size)
    found = evaluate(made.path, truths, metrics="auc,nss,ig", bootstrap=0, log_density=True)
    expected = evaluate(logs, truths, metrics="auc,nss,ig", bootstrap=0, log_density=True)
    for key in found.metrics:
        assert found.value(key) == pytest.approx(expected.value(key), abs=1e-4), key
