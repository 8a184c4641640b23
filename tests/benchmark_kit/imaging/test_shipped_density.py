"""Shipped densities are data: a broken one is refused by its file's name, never scored or lost."""

import numpy as np
import pytest
from PIL import Image

from benchmark_kit import evaluate
from benchmark_kit.errors import InputError
from benchmark_kit.imaging.images import write_png


def shipped(data):
    """Give a generated set a density an image; the path of the second one."""
    for truth in data.truths():
        path = data.root / "densities" / f"{truth.name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.random.default_rng(0).random(truth.size))
    return path, truth.size


def run(data, **options):
    options = {"metrics": "cc,kl,sim", "workers": 1, "bootstrap": 0, "cache": False} | options
    return evaluate(data.maps, "folder", root=data.root, **options).data


def colours(path, size):
    path.unlink()
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(path.with_suffix(".png"))


SPOILT = {
    "NaN": (lambda values: np.where(values > 0.9, np.nan, values), "NaN or Inf"),
    "Inf": (lambda values: np.where(values > 0.9, np.inf, values), "NaN or Inf"),
    "blank": (lambda values: 0 * values, "blank, though the image has 20 fixations"),
    "log density": (lambda values: np.log(values / values.sum()), "as in a log density"),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_values_that_mean_nothing_are_refused_by_the_files_name(folder_set, kind):
    path, _ = shipped(folder_set)
    spoil, said = SPOILT[kind]
    np.save(path, spoil(np.load(path)))
    with pytest.raises(InputError) as caught:
        run(folder_set)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("E702", (str(path),))
    assert said in problem.found
    # what needs no density, and computed ones, can be scored
    assert run(folder_set, metrics="nss")["metrics"]["nss"]["n"] == 6
    assert run(folder_set, density="computed")["metrics"]["cc"]["n"] == 6


def test_blank_and_coloured_pictures_are_refused_too(folder_set):
    path, size = shipped(folder_set)
    colours(path, size)
    with pytest.raises(InputError, match=r"E302 a density that cannot be used: (.|\n)*\.png"):
        run(folder_set)
    write_png(path.with_suffix(".png"), np.zeros(size, np.uint8))
    with pytest.raises(InputError, match=r"E702 .*it is blank"):
        run(folder_set)


def test_a_blank_density_of_an_image_that_nobody_looked_at_is_right(folder_set):
    path, size = shipped(folder_set)
    np.save(path, np.zeros(size))
    table = folder_set.root / "fixations.csv"
    name = path.relative_to(folder_set.root / "densities").with_suffix(".png").as_posix()
    lines = [line for line in table.read_text().splitlines() if not line.startswith(name)]
    table.write_text("\n".join(lines))
    assert run(folder_set)["metrics"]["cc"]["n"] == 5
