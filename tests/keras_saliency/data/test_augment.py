"""Augmentation: within its limits, and nothing where nothing is asked for."""

import numpy as np
import pytest

from benchmark_kit.types import Fixations
from keras_saliency.base.geometry import Geometry
from keras_saliency.data.augment import Augmentation

PLAN = Geometry().plan((60, 80), (30, 40))
FOUND = Fixations(np.array([70.0]), np.array([50.0]), (60, 80))


def rng(k=0):
    return np.random.default_rng(k)


def test_parts_have_the_pictures_aspect_and_lie_inside_it():
    augment = Augmentation(mirror=0.3, crop=0.4)
    views = [augment.view(PLAN, (60, 80), None, rng(k)) for k in range(300)]
    shares = np.array([view.height / 60 for view in views])
    assert shares.min() >= 0.39
    assert shares.max() <= 1
    assert shares.std() > 0.1
    for view in views:
        assert view.width / 80 == pytest.approx(view.height / 60, abs=0.02)
        assert view.top >= 0
        assert view.left >= 0
        assert view.top + view.height <= 60
        assert view.left + view.width <= 80
    assert 60 < sum(view.mirrored for view in views) < 120


def test_a_part_holds_a_fixation():
    augment = Augmentation(crop=0.5)
    for k in range(60):
        assert augment.view(PLAN, (60, 80), FOUND, rng(k)).holds(FOUND).all()


def test_where_no_part_holds_one_the_whole_is_shown():
    tiny = Augmentation(crop=0.02)
    shown = [tiny.view(PLAN, (60, 80), FOUND, rng(k)) for k in range(40)]
    assert all(view.holds(FOUND).all() for view in shown)


def test_colours_stay_where_nothing_is_asked_for():
    picture = rng().uniform(0, 255, (5, 6, 3)).astype(np.float32)
    assert Augmentation().colours(picture, rng()) is picture


def test_each_change_does_what_it_is_called():
    picture = rng().uniform(60, 190, (20, 20, 3)).astype(np.float32)
    lighter = Augmentation(brightness=0.2).colours(picture, rng(1))
    step = lighter - picture
    assert np.ptp(step) < 1e-3
    assert 0 < abs(step.mean()) <= 51
    stronger = Augmentation(contrast=0.3).colours(picture, rng(1))
    ratio = stronger.std() / picture.std()
    assert ratio != pytest.approx(1, abs=0.01)
    assert stronger.mean() == pytest.approx(picture.mean(), abs=0.5)
    gray = Augmentation(saturation=1.0).colours(picture, _Fixed())
    assert np.ptp(gray, axis=-1).max() < 1e-3


class _Fixed:
    """Draws the lowest value."""

    def uniform(self, low, high, size):
        return np.full(size, low)


def test_values_stay_levels():
    picture = rng().uniform(0, 255, (30, 30, 3)).astype(np.float32)
    strong = Augmentation(brightness=1, contrast=1, saturation=1)
    for k in range(20):
        found = strong.colours(picture, rng(k))
        assert (found.min() >= 0, found.max() <= 255, found.dtype) == (True, True, np.float32)
