"""Which fixations count in a dialect: all, each pixel once, or repeats alone."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from benchmark_kit.dialects import DIALECTS, get_dialect
from benchmark_kit.scoring.points import dialect_index, repeated_points
from benchmark_kit.types import Fixations

SIZE = (4, 6)


def crowd(n=40, seed=0):
    """Fixations on a small grid, so that many pixels are hit several times."""
    rng = np.random.default_rng(seed)
    return Fixations(rng.uniform(0, 6, n), rng.uniform(0, 4, n), SIZE)


def tally(fixations):
    return Counter(int(y) * 6 + int(x) for x, y in zip(fixations.x, fixations.y, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_every_fixation_counts_in_reading_order(seed):
    fixations = crowd(seed=seed)
    expected = [int(y) * 6 + int(x) for x, y in zip(fixations.x, fixations.y, strict=True)]
    assert dialect_index(fixations, get_dialect("tuebingen")).tolist() == expected


@pytest.mark.parametrize("name", ["mit", "salicon2017"])
def test_each_pixel_counts_once(name):
    fixations = crowd()
    assert dialect_index(fixations, get_dialect(name)).tolist() == sorted(tally(fixations))


def test_salicon2015_keeps_one_less_of_each_pixel():
    fixations = crowd()
    found = Counter(dialect_index(fixations, get_dialect("salicon2015")).tolist())
    assert found == Counter({pixel: n - 1 for pixel, n in tally(fixations).items() if n > 1})


def test_the_filter_goes_before_the_binary_map():
    both = replace(get_dialect("mit"), filter_duplicates=True)
    assert dialect_index(crowd(), both).tolist() == repeated_points(crowd().flat_index).tolist()


@pytest.mark.parametrize("name", DIALECTS)
def test_no_fixations_are_no_points(name):
    assert len(dialect_index(Fixations([], [], SIZE), get_dialect(name))) == 0


def test_points_near_the_next_pixel_stay_in_theirs():
    x, y = np.array([2.999999, 3.0]), np.array([1.999999, 2.0])
    assert dialect_index(Fixations(x, y, SIZE), get_dialect("tuebingen")).tolist() == [8, 15]
