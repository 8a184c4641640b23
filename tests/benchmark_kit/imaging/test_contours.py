"""Contours: around the right pixels, closed, as an independent library traces them."""

import numpy as np
import pytest

from benchmark_kit.imaging.contours import contour_lines, level_lines, mass_level


def bump(size=(40, 60), x=40, y=15, sigma=5.0):
    rows, columns = np.indices(size)
    return np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))


def length(lines):
    return sum(np.hypot(*np.diff(line, axis=0).T).sum() for line in lines)


def test_the_level_is_the_fewest_pixels_that_hold_the_share():
    saliency = np.array([[0.0, 1.0], [3.0, 6.0]])
    assert [mass_level(saliency, share) for share in (0.1, 0.6, 0.61, 0.9, 0.99)] == [6, 6, 3, 3, 1]
    assert mass_level(saliency - 5, 0.61) == -2  # counted from the lowest
    assert mass_level(np.full((3, 3), 2.0), 0.5) is None


def test_half_of_a_gaussian_lies_within_its_known_radius():
    (line,) = contour_lines(bump(sigma=4.0), 0.5)
    radius = np.hypot(line[:, 0] - 40, line[:, 1] - 15)
    assert np.abs(radius - 4.0 * np.sqrt(2 * np.log(2))).max() < 0.3


@pytest.mark.parametrize("seed", range(4))
def test_lines_are_those_of_an_independent_tracer(seed):
    contourpy = pytest.importorskip("contourpy")
    values = np.random.default_rng(seed).random((23, 31))  # many saddles
    values = np.pad(values, 1, constant_values=-1.0)
    found = level_lines(values, 0.6)
    wanted = contourpy.contour_generator(z=values).lines(np.nextafter(0.6, 0))
    assert len(found) == len(wanted)
    assert length(found) == pytest.approx(length(wanted), rel=1e-9)
    points = {tuple(np.round(point, 6)) for line in found for point in line}
    assert points == {tuple(np.round(point, 6)) for line in wanted for point in line}
    assert all((line[0] == line[-1]).all() for line in found)


def test_a_binary_map_is_outlined_and_a_constant_one_has_no_line():
    saliency = np.zeros((40, 40))
    saliency[10:20, 12:22] = 255
    (line,) = contour_lines(saliency, 0.5)
    assert line.min(axis=0).tolist() == [12, 10]
    assert line.max(axis=0).tolist() == [21, 19]
    assert contour_lines(np.ones((4, 4)), 0.5) == []


def test_lines_close_along_the_border_and_around_everything():
    (corner,) = contour_lines(bump(x=0, y=0), 0.9)
    assert (corner[0] == corner[-1]).all()
    assert corner.min() > -1
    nearly = np.ones((5, 6))
    nearly[0, 0] = 0.9
    (whole,) = contour_lines(nearly, 0.9999)
    assert length([whole]) == pytest.approx(18, abs=0.5)
