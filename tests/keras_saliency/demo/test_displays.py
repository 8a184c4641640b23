from collections import Counter

import numpy as np
import pytest

from keras_saliency.demo.displays import HEIGHT, PAPER, WIDTH, draw_display, make_displays

DISPLAYS = make_displays(0)


def test_four_categories_of_six():
    assert Counter(display.category for display in DISPLAYS) == {
        "orientation": 6,
        "colour": 6,
        "size": 6,
        "clutter": 6,
    }
    assert len({display.name for display in DISPLAYS}) == 24


def test_the_seed_decides_everything():
    assert make_displays(0) == DISPLAYS
    assert make_displays(1) != DISPLAYS
    first, again = (draw_display(make_displays(3)[9]) for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("category", ["orientation", "colour", "size", "clutter"])
def test_displays_become_harder(category):
    mine = [display for display in DISPLAYS if display.category == category]
    sizes = [len(display.items) for display in mine]
    contrasts = [display.contrast for display in mine]
    assert sizes == sorted(set(sizes))
    assert contrasts == sorted(set(contrasts), reverse=True)


@pytest.mark.parametrize("seed", range(5))
def test_items_lie_inside_and_the_target_off_the_centre(seed):
    for display in make_displays(seed):
        for item in display.items:
            assert 0 <= item.x - item.radius < item.x + item.radius <= WIDTH, (display.name, item)
            assert 0 <= item.y - item.radius < item.y + item.radius <= HEIGHT, (display.name, item)
        target = display.target
        assert np.hypot(target.x - WIDTH / 2, target.y - HEIGHT / 2) > 0.16 * WIDTH


def test_the_target_is_the_only_odd_one():
    def differs(display, of):
        values = [of(item) for item in display.items]
        return values.count(values[0]) == 1

    looks = {
        "colour": lambda item: item.colour,
        "size": lambda item: item.radius,
        "clutter": lambda item: item.shape,
    }
    for display in DISPLAYS:
        if display.category in looks:
            assert differs(display, looks[display.category]), display.name
        else:
            turns = np.array([item.degrees for item in display.items]) - display.target.degrees
            apart = np.abs((turns + 90) % 180 - 90)[1:]
            assert apart.min() > 15, display.name


@pytest.mark.parametrize("display", DISPLAYS, ids=lambda display: display.name)
def test_a_drawing_shows_its_target(display):
    pixels = draw_display(display)
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert pixels.dtype == np.uint8
    assert tuple(pixels[0, 0]) == PAPER
    target = display.target
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    near = np.hypot(columns - target.x, rows - target.y) < target.radius
    assert (pixels[near] == target.colour).all(axis=1).sum() > 20


def test_edges_are_smooth():
    pixels = draw_display(next(d for d in DISPLAYS if d.category == "size"))
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 4  # shades between the two colours
