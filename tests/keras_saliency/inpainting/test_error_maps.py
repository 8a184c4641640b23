"""Error maps: zero for a perfect inpainter, high where a picture cannot be guessed."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency.inpainting.error_maps import error_cells, error_maps, heat_map
from keras_saliency.inpainting.harmonic import HarmonicInpainter
from keras_saliency.inpainting.masks import holes
from keras_saliency.inpainting.ssim import luma, ssim_map

SMOOTH = np.stack([np.tile(np.linspace(40, 200, 64), (64, 1))] * 3, axis=-1).astype(np.uint8)


def textured():
    picture = SMOOTH.copy()
    picture[32:48, 16:32] = np.random.default_rng(0).integers(0, 256, (16, 16, 3))
    return picture


def test_an_inpainter_that_knows_the_picture_makes_no_error():
    shown = textured().astype(np.float32) / 255

    def knows(pictures, masks):
        return np.repeat(shown[None], len(pictures), axis=0)

    assert np.abs(error_cells(textured(), 16, knows)).max() < 1e-9


def test_a_cell_is_one_minus_the_mean_ssim():
    picture = textured()
    found = error_cells(picture, 16, HarmonicInpainter(), batch=3)
    for hole in holes(16, 1, (64, 64)):
        mask = hole.mask((64, 64))[None]
        filled = HarmonicInpainter()(picture[None].astype(np.float32) / 255, mask)[0] * 255
        wanted = 1 - ssim_map(luma(picture), luma(filled)).mean()
        assert found[hole.top // 16, hole.left // 16] == pytest.approx(wanted, abs=1e-6)


def test_what_cannot_be_guessed_stands_out():
    cells = error_cells(textured(), 16, HarmonicInpainter())
    assert np.unravel_index(cells.argmax(), cells.shape) == (2, 1)
    assert cells.max() > 10 * np.median(cells)


def test_pixels_outside_the_hole_do_not_count():
    def spoils(pictures, masks):
        return np.where(masks[..., None] > 0, 0.0, pictures)

    assert np.abs(error_cells(SMOOTH, 16, spoils)).max() < 1e-9


def test_of_a_round_hole_only_the_circle_is_filled_and_compared():
    def black(pictures, masks):
        return np.zeros_like(pictures)

    whole = error_cells(textured(), 16, black)
    circle = error_cells(textured(), 16, black, shape="circle")
    assert (circle < whole).all()
    assert (circle > 0).all()
    inside = error_cells(textured(), 16, black, shape="circle", scope="cell")
    hole = next(hole for hole in holes(16, 1, (64, 64), "circle") if hole.top == hole.left == 32)
    hidden = hole.mask((64, 64)) == 0
    filled = np.where(hidden, 0.0, luma(textured()))
    wanted = (1 - ssim_map(luma(textured()), filled))[hidden].mean()
    assert inside[2, 2] == pytest.approx(wanted, abs=1e-6)


def test_a_coarser_grid_repeats_its_cells():
    whole = error_cells(textured(), 16, HarmonicInpainter())
    coarse = error_cells(textured(), 16, HarmonicInpainter(), step=2)
    assert coarse.shape == whole.shape
    np.testing.assert_array_equal(coarse[::2, ::2], whole[::2, ::2])
    np.testing.assert_array_equal(coarse[1::2, 1::2], whole[::2, ::2])


def test_heat_maps_span_0_to_1_and_constants_are_0():
    cells = np.random.default_rng(0).random((4, 4))
    found = heat_map(cells, 16)
    assert found.shape == (64, 64)
    assert (found.min(), found.max()) == (0, 1)
    assert not heat_map(np.full((4, 4), 0.3), 16).any()


@pytest.mark.slow
def test_maps_of_a_picture_of_any_size():
    picture = np.random.default_rng(0).integers(0, 256, (50, 70), dtype=np.uint8)
    done = []
    found = error_maps(picture, HarmonicInpainter(), scales=(64, 128), progress=done.append)
    assert found.shape == (512, 512, 2)
    assert found.dtype == np.float32
    assert sum(done) == 64 + 16


@pytest.mark.parametrize("scales", [(), (15,), (0,)])
def test_scales_that_do_not_fit_are_refused(scales):
    with pytest.raises(ConfigError, match="divisors of 512"):
        error_maps(SMOOTH, HarmonicInpainter(), scales=scales)
