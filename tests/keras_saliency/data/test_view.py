"""One view for picture, density, fixations and prior: they stay on each other."""

import numpy as np
import pytest

from benchmark_kit.imaging.density import count_map
from benchmark_kit.types import Fixations
from keras_saliency.base.geometry import Geometry
from keras_saliency.data.view import View

RNG = np.random.default_rng(0)


def fixations(size, n=40):
    height, width = size
    return Fixations(RNG.uniform(0, width, n), RNG.uniform(0, height, n), size)


def view(size, frame, fit="squeeze", **kinds):
    return View.whole(Geometry(fit).plan(size, frame), **kinds)


def test_on_the_pictures_own_grid_the_counts_are_the_kits():
    found = fixations((48, 64))
    whole = view((48, 64), (48, 64))
    np.testing.assert_array_equal(whole.counts(found, (48, 64)), count_map(found))
    mirrored = view((48, 64), (48, 64), mirrored=True)
    np.testing.assert_array_equal(mirrored.counts(found, (48, 64)), count_map(found)[:, ::-1])


def test_whole_coordinates_are_mirrored_onto_the_mirrored_pixel():
    found = Fixations(np.array([0.0, 10.0, 63.0]), np.array([0.0, 5.0, 47.0]), (48, 64))
    counts = view((48, 64), (48, 64), mirrored=True).counts(found, (48, 64))
    np.testing.assert_array_equal(np.argwhere(counts), [[0, 63], [5, 53], [47, 0]])


@pytest.mark.parametrize("grid", [(12, 16), (30, 40), (96, 128), (7, 5)])
@pytest.mark.parametrize("fit", ["squeeze", "pad"])
def test_no_fixation_of_a_whole_picture_is_lost(grid, fit):
    found = fixations((50, 40))
    assert view((50, 40), (96, 128), fit).counts(found, grid).sum() == len(found)


def test_fixations_keep_off_the_padding():
    upright = view((100, 50), (80, 160), "pad")  # 40 of 160 columns are the picture
    counts = upright.counts(fixations((100, 50), 500), (80, 160))
    assert counts[:, 60:100].sum() == 500
    mass = np.ones((100, 50))
    rows, columns = upright.weights((100, 50), (8, 16))
    seen = rows @ mass @ columns.T
    np.testing.assert_allclose(seen[:, 6:10], 1)
    assert seen[:, :6].max() == seen[:, 10:].max() == 0


def test_a_cell_holds_the_mean_of_what_it_covers():
    values = RNG.random((48, 64))
    rows, columns = view((48, 64), (48, 64)).weights((48, 64), (12, 16))
    means = values.reshape(12, 4, 16, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(rows @ values @ columns.T, means, rtol=1e-12)
    np.testing.assert_allclose(rows.sum(axis=1), 1)


def test_a_finer_grid_interpolates():
    values = np.linspace(0, 1, 20)[None].repeat(10, axis=0)
    rows, columns = view((10, 20), (30, 60)).weights((10, 20), (30, 60))
    found = rows @ values @ columns.T
    assert (np.diff(found, axis=1) >= 0).all()
    np.testing.assert_allclose(found[:, 1::3], values.repeat(3, axis=0), atol=1e-12)


@pytest.mark.parametrize("grid", [(6, 9), (48, 70)])
def test_a_mirrored_map_is_the_map_mirrored(grid):
    values = RNG.random((24, 35))
    plain, turned = (view((24, 35), (48, 70), mirrored=m) for m in (False, True))
    rows, columns = plain.weights((24, 35), grid)
    turned_rows, turned_columns = turned.weights((24, 35), grid)
    found = turned_rows @ values @ turned_columns.T
    np.testing.assert_allclose(found, (rows @ values @ columns.T)[:, ::-1], atol=1e-12)


def test_a_part_shows_its_fixations_and_its_share_of_a_map():
    plan = Geometry().plan((40, 40), (20, 20))
    part = View(plan, 10.0, 20.0, 20.0, 20.0)
    found = Fixations(
        np.array([20.0, 39.9, 19.0, 30.0]), np.array([10.0, 29.0, 15.0, 31.0]), (40, 40)
    )
    np.testing.assert_array_equal(part.holds(found), [True, True, False, False])
    np.testing.assert_allclose(part.points(found, (20, 20)), [[0.5, 0.5], [19.5, 19.5]])
    values = RNG.random((40, 40))
    rows, columns = part.weights((40, 40), (20, 20))
    np.testing.assert_allclose(rows @ values @ columns.T, values[10:30, 20:40], atol=1e-12)


def test_map_points_and_counts_agree_in_every_view():
    """A map that is one at the fixated pixels has its mass where the counts are."""
    found = fixations((36, 48), 12)
    for mirrored in (False, True):
        plan = Geometry("pad").plan((36, 48), (64, 64))
        part = View(plan, 6.0, 8.0, 24.0, 32.0, mirrored)
        grid = (16, 16)
        rows, columns = part.weights((36, 48), grid)
        mass = rows @ count_map(found) @ columns.T
        counts = part.counts(found, grid)
        kept = counts.sum()
        assert kept == part.holds(found).sum()
        centre = [(m * np.arange(16)[:, None]).sum() / m.sum() for m in (mass, counts)]
        assert centre[0] == pytest.approx(centre[1], abs=0.6)
