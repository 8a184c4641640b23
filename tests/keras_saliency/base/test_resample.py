"""Kernels by hand, and against the libraries that they are named after."""

import numpy as np
import pytest
from PIL import Image

from keras_saliency.base.resample import resample


def test_bilinear_has_half_pixel_centres():
    line = np.array([[0.0, 1.0, 3.0]], np.float32)
    np.testing.assert_allclose(
        resample(line, (1, 6), "bilinear")[0], [0, 0.25, 0.75, 1.5, 2.5, 3], atol=1e-6
    )
    # no smoothing before shrinking: every other pixel pair's mean
    np.testing.assert_allclose(
        resample(np.array([[0.0, 2, 4, 6, 8, 10]], np.float32), (1, 2), "bilinear")[0], [2, 8]
    )


def test_area_means_whole_blocks_when_shrinking():
    values = np.random.default_rng(0).random((12, 20)).astype(np.float32)
    blocks = values.reshape(6, 2, 5, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(resample(values, (6, 5), "area"), blocks, atol=1e-6)


def test_antialiased_is_pillows_bilinear():
    values = np.random.default_rng(0).random((12, 20)).astype(np.float32)
    wanted = Image.fromarray(values).resize((7, 5), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(resample(values, (5, 7), "antialiased"), np.asarray(wanted))


def test_channels_are_scaled_alone():
    values = np.random.default_rng(0).random((12, 20, 3)).astype(np.float32)
    for kernel in ("bilinear", "antialiased", "area", "bicubic", "aligned"):
        whole = resample(values, (7, 31), kernel)
        np.testing.assert_array_equal(whole[..., 1], resample(values[..., 1], (7, 31), kernel))


def test_aligned_corners_keep_an_enlarged_lines_pixels_where_they_fall_on_the_grid():
    line = np.array([[0.0, 1.0, 4.0]], np.float32)
    found = resample(line, (1, 5), "aligned")[0]
    # half-way: (-0.75 cubic) weights -3/32, 19/32, 19/32, -3/32, the edge repeated
    middle = (19 * (0 + 1) - 3 * (0 + 4)) / 32
    np.testing.assert_allclose(found[[0, 1, 2, 4]], [0, middle, 1, 4], atol=1e-6)


def test_aligned_corners_make_a_shrunk_line_the_mean_over_what_each_pixel_covers():
    line = np.array([[1.0, 2.0, 4.0, 8.0]], np.float32)
    # steps of 3/2 from pixel 0 and from pixel 3, whose second half lies beyond the last pixel
    np.testing.assert_allclose(
        resample(line, (1, 3), "aligned")[0],
        [(1 + 2 * 0.5) / 1.5, (0.5 * 2 + 4) / 1.5, 8],
        atol=1e-6,
    )


def test_aligned_corners_leave_a_constant_constant():
    for size in ((3, 9), (20, 5), (40, 50), (1, 1)):
        found = resample(np.full((7, 11, 3), 5.0, np.float32), size, "aligned")
        np.testing.assert_allclose(found, 5, rtol=1e-6)


@pytest.mark.parametrize("function", ["resize_bicubic", "resize_area"])
def test_aligned_corners_are_what_tensorflow_1_does(function):
    tf = pytest.importorskip("tensorflow")
    larger = function == "resize_bicubic"
    sizes = [((7, 5), (19, 12)), ((30, 40), (64, 41)), ((5, 3), (6, 8)), ((2, 9), (9, 9))]
    if not larger:
        sizes = [(big, small) for small, big in sizes] + [((9, 30), (1, 1)), ((20, 5), (10, 8))]
    rng = np.random.default_rng(0)
    for size, wanted in sizes:
        values = rng.random((*size, 3)).astype(np.float32)
        theirs = getattr(tf.compat.v1.image, function)(values[None], wanted, align_corners=True)
        np.testing.assert_allclose(resample(values, wanted, "aligned"), theirs[0], atol=2e-6)
