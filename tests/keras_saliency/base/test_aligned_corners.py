import numpy as np
import pytest

from keras_saliency.base.aligned_corners import resample_aligned


def test_an_enlarged_line_keeps_its_pixels_where_they_fall_on_the_grid():
    line = np.array([[0.0, 1.0, 4.0]], np.float32)
    found = resample_aligned(line, (1, 5))[0]
    # half-way: (-0.75 cubic) weights -3/32, 19/32, 19/32, -3/32, the edge repeated
    middle = (19 * (0 + 1) - 3 * (0 + 4)) / 32
    np.testing.assert_allclose(found[[0, 1, 2, 4]], [0, middle, 1, 4], atol=1e-6)


def test_a_shrunk_line_is_the_mean_over_what_each_pixel_covers():
    line = np.array([[1.0, 2.0, 4.0, 8.0]], np.float32)
    # steps of 3/2 from pixel 0 and from pixel 3, whose second half lies beyond the last pixel
    np.testing.assert_allclose(
        resample_aligned(line, (1, 3))[0],
        [(1 + 2 * 0.5) / 1.5, (0.5 * 2 + 4) / 1.5, 8],
        atol=1e-6,
    )


def test_a_constant_stays_constant():
    for size in ((3, 9), (20, 5), (40, 50), (1, 1)):
        found = resample_aligned(np.full((7, 11, 3), 5.0, np.float32), size)
        np.testing.assert_allclose(found, 5, rtol=1e-6)


@pytest.mark.parametrize("function", ["resize_bicubic", "resize_area"])
def test_it_is_what_tensorflow_1_does(function):
    tf = pytest.importorskip("tensorflow")
    larger = function == "resize_bicubic"
    sizes = [((7, 5), (19, 12)), ((30, 40), (64, 41)), ((5, 3), (6, 8)), ((2, 9), (9, 9))]
    if not larger:
        sizes = [(big, small) for small, big in sizes] + [((9, 30), (1, 1)), ((20, 5), (10, 8))]
    rng = np.random.default_rng(0)
    for size, wanted in sizes:
        values = rng.random((*size, 3)).astype(np.float32)
        theirs = getattr(tf.compat.v1.image, function)(values[None], wanted, align_corners=True)
        np.testing.assert_allclose(resample_aligned(values, wanted), theirs[0], atol=2e-6)
