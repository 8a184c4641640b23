"""SSIM against an obvious second computation, and the crop against the whole picture."""

import numpy as np
import pytest

from keras_saliency.inpainting.masks import Hole
from keras_saliency.inpainting.ssim import dissimilarity, luma, ssim_map


def slow_ssim(one, other, row, column):
    """One window, pixel by pixel, in a mirrored picture."""
    line = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(line, line) / np.outer(line, line).sum()
    x, y = (
        np.pad(v, 5, mode="symmetric")[row : row + 11, column : column + 11] for v in (one, other)
    )
    mx, my = (window * x).sum(), (window * y).sum()
    vx, vy = (window * (x - mx) ** 2).sum(), (window * (y - my) ** 2).sum()
    both = (window * (x - mx) * (y - my)).sum()
    c1, c2 = 2.55**2, 7.65**2
    return (2 * mx * my + c1) * (2 * both + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    one = rng.uniform(0, 255, (40, 48))
    other = one.copy()
    other[16:24, 8:16] = rng.uniform(0, 255, (8, 8))
    return one, other


def test_every_window_is_wangs(pair):
    found = ssim_map(*pair)
    for row, column in ((0, 0), (39, 47), (20, 12), (17, 3), (5, 40)):
        assert found[row, column] == pytest.approx(slow_ssim(*pair, row, column), abs=1e-10)


@pytest.mark.parametrize("corner", [(16, 8), (0, 0), (32, 40), (0, 24), (16, 40)])
def test_the_crop_gives_the_mean_over_the_whole_picture(corner):
    rng = np.random.default_rng(1)
    one = rng.uniform(0, 255, (40, 48))
    other, hole = one.copy(), Hole(*corner, 8)
    other[hole.window] = rng.uniform(0, 255, (8, 8))
    assert dissimilarity(one, other, hole) == pytest.approx(
        1 - ssim_map(one, other).mean(), abs=1e-14
    )
    cell = 1 - ssim_map(one, other)[hole.window].mean()
    assert dissimilarity(one, other, hole, "cell") == pytest.approx(cell, abs=1e-12)


def test_identical_pictures_have_no_dissimilarity(pair):
    assert dissimilarity(pair[0], pair[0], Hole(16, 8, 8)) == pytest.approx(0, abs=1e-15)


def test_luma_weighs_the_channels():
    assert luma(np.eye(3) * 255) == pytest.approx([76.245, 149.685, 29.07])


def test_an_unknown_scope_is_refused(pair):
    with pytest.raises(ValueError, match="image, cell"):
        dissimilarity(*pair, Hole(16, 8, 8), "hole")
