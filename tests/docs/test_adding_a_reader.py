"""The reader of docs/contributing.md: added to a copy, listed, read and scored on."""

import json

import numpy as np
import pytest

from benchmark_kit.imaging.images import write_png


@pytest.fixture
def spots(tmp_path):
    """Four pictures with points, one of them outside, and maps that are brightest there."""
    rng = np.random.default_rng(0)
    root, maps, points = tmp_path / "spots", tmp_path / "maps", {}
    for folder in (root / "pictures", maps):
        folder.mkdir(parents=True)
    for name in "abcd":
        write_png(root / "pictures" / f"{name}.png", rng.integers(0, 256, (40, 60, 3), np.uint8))
        places = rng.uniform((10, 10), (50, 30), (12, 2))
        saliency = rng.integers(0, 80, (40, 60)).astype(np.uint8)
        saliency[places[:, 1].astype(int), places[:, 0].astype(int)] = 255
        write_png(maps / f"{name}.png", saliency)
        points[name] = places.tolist()
    points["a"].append([70.0, 5.0])
    (root / "points.json").write_text(json.dumps(points))
    return root, maps


@pytest.mark.slow
def test_the_example_is_listed_read_and_scored(copy, spots):
    assert copy.add("A reader") == {"benchmark_kit/datasets/spots.py", "docs/datasets.md"}
    assert "spots" in copy.salbench("list", "datasets")
    root, maps = spots
    for engine in ("pool", "tf"):
        told = copy.salbench(
            *("evaluate", maps, "--dataset", "spots", "--root", root, "--metrics", "nss"),
            *("--engine", engine, "--workers", 1, "--format", "json"),
        )
        results = json.loads(told)
        assert results["metrics"]["nss"]["value"] > 3
        assert results["fixations"]["dropped"] == {"outside": 1}


@pytest.mark.slow
def test_a_folder_that_is_not_one_is_answered_with_the_tree(copy, tmp_path):
    copy.add("A reader")
    (tmp_path / "empty").mkdir()
    code = (
        "from benchmark_kit import get_dataset\n"
        f"try: get_dataset('spots', {str(tmp_path / 'empty')!r})\n"
        "except Exception as error: print(error)"
    )
    assert "looked for pictures; found in" in copy.python(code)
