from collections import defaultdict

import numpy as np
import pytest

from keras_saliency.demo.displays import HEIGHT, WIDTH, make_displays
from keras_saliency.demo.observers import FEWEST, MOST, OBSERVERS, simulate

DISPLAYS = make_displays(0)
FIXATIONS = {display.name: simulate(display) for display in DISPLAYS}


def test_the_seed_decides_everything():
    assert simulate(DISPLAYS[0]) == FIXATIONS[DISPLAYS[0].name]
    assert simulate(DISPLAYS[0], seed=1) != FIXATIONS[DISPLAYS[0].name]


@pytest.mark.parametrize("seed", range(3))
def test_fixations_lie_inside(seed):
    for display in DISPLAYS:
        for fixation in simulate(display, seed):
            assert 0 <= fixation.x < WIDTH
            assert 0 <= fixation.y < HEIGHT
            assert 0.03 < fixation.duration < 2


def test_every_observer_has_a_scanpath():
    for name, rows in FIXATIONS.items():
        paths = defaultdict(list)
        for row in rows:
            assert row.image == name
            paths[row.subject].append(row.order)
        assert sorted(paths) == list(range(1, OBSERVERS + 1))
        for orders in paths.values():
            assert orders == list(range(len(orders)))
            assert FEWEST <= len(orders) <= MOST


def test_first_fixations_lie_near_the_centre():
    rows = [row for rows in FIXATIONS.values() for row in rows]

    def distance(first):
        apart = [
            np.hypot(row.x - WIDTH / 2, row.y - HEIGHT / 2)
            for row in rows
            if (row.order == 0) == first
        ]
        return np.mean(apart)

    assert distance(first=True) < 40
    assert distance(first=False) > 100


def test_strong_targets_are_looked_at_oftener():
    def share(display):
        later = [row for row in FIXATIONS[display.name] if row.order > 0]
        target = display.target
        return np.mean([np.hypot(r.x - target.x, r.y - target.y) < 40 for r in later])

    strong = np.mean([share(display) for display in DISPLAYS if display.contrast == 1])
    weak = np.mean([share(display) for display in DISPLAYS if display.contrast == 0])
    assert strong > weak + 0.1
    assert weak > 0.25
