"""Harmonic filling: exact on harmonic pictures, Laplace's equation inside, borders without flow."""

import numpy as np
import pytest

from keras_saliency.inpainting.harmonic import HarmonicInpainter
from keras_saliency.inpainting.irregular_masks import irregular_mask
from keras_saliency.inpainting.masks import Hole

FILL = HarmonicInpainter()


def fill(picture, hole):
    picture = np.asarray(picture, np.float32)
    return FILL(picture[None], hole.mask(picture.shape[:2])[None])[0]


def test_linear_and_saddle_pictures_are_restored():
    y, x = np.mgrid[0:32, 0:40] / 40
    picture = np.stack([x, y, x * x - y * y], axis=-1)
    found = fill(picture, Hole(8, 16, 8))
    np.testing.assert_allclose(found, picture, atol=1e-5)


def test_inside_every_pixel_is_its_neighbours_mean():
    picture = np.random.default_rng(0).random((24, 24, 3))
    found = fill(picture, Hole(8, 8, 8)).astype(float)
    mean = (found[7:15, 8:16] + found[9:17, 8:16] + found[8:16, 7:15] + found[8:16, 9:17]) / 4
    np.testing.assert_allclose(found[8:16, 8:16], mean, atol=1e-6)
    outside = np.ones((24, 24), bool)
    outside[8:16, 8:16] = False
    np.testing.assert_array_equal(found[outside], picture.astype(np.float32)[outside])


@pytest.mark.parametrize("corner", [(0, 0), (0, 8), (16, 16), (8, 0)])
def test_at_the_border_nothing_flows(corner):
    picture = np.random.default_rng(0).random((24, 24, 3)).astype(np.float32)
    hole = Hole(*corner, 8)
    found = fill(picture, hole).astype(float)
    padded = np.pad(found, ((1, 1), (1, 1), (0, 0)), mode="edge")
    mean = (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 4
    np.testing.assert_allclose(found[hole.window], mean[hole.window], atol=1e-6)


def test_values_stay_between_those_of_the_rim():
    picture = np.random.default_rng(0).random((24, 24, 3))
    found = fill(picture, Hole(8, 8, 8))[8:16, 8:16]
    rim = np.concatenate([picture[7, 7:17], picture[16, 7:17], picture[7:17, 7], picture[7:17, 16]])
    assert (found >= rim.min(axis=0) - 1e-6).all()
    assert (found <= rim.max(axis=0) + 1e-6).all()


def test_other_masks():
    picture = np.zeros((1, 8, 8, 3), np.float32)
    assert (FILL(picture, np.ones((1, 8, 8), np.float32)) == picture).all()
    with pytest.raises(ValueError, match="whole picture"):
        FILL(picture, np.zeros((1, 8, 8), np.float32))


@pytest.mark.parametrize("seed", range(3))
def test_holes_of_any_form_hold_their_neighbours_means(seed):
    rng = np.random.default_rng(seed)
    picture = rng.random((24, 20, 3)).astype(np.float32)
    mask = irregular_mask((24, 20), rng, (0.3, 0.6))
    found = FILL(picture[None], mask[None])[0].astype(float)
    padded = np.pad(found, ((1, 1), (1, 1), (0, 0)), mode="edge")
    mean = (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 4
    np.testing.assert_allclose(found[mask < 1], mean[mask < 1], atol=1e-6)
    np.testing.assert_array_equal(found[mask == 1], picture[mask == 1])
