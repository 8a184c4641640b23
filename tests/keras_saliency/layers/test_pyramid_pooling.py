import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.layers.pyramid_pooling import SpatialPyramidPooling2D


def test_six_numbers_by_hand():
    image = np.array([[0, 2, 9], [4, 6, 9]], "float32")[None, ..., None]
    got = np.asarray(SpatialPyramidPooling2D([1, 2])(image))
    np.testing.assert_allclose(got[0, :, 0], [5, 0, 2, 4, 6])


def test_agrees_with_a_loop_over_cells_of_the_cropped_image():
    x = np.random.default_rng(0).normal(size=(2, 11, 7, 3)).astype("float32")
    bins = [3, (2, 5)]
    expected = []
    for n, m in [(3, 3), (2, 5)]:
        h, w = 11 // n, 7 // m
        expected += [
            x[:, i * h : i * h + h, j * w : j * w + w].mean((1, 2))
            for i in range(n)
            for j in range(m)
        ]
    got = np.asarray(SpatialPyramidPooling2D(bins)(x))
    np.testing.assert_allclose(got, np.stack(expected, 1), atol=1e-6)


def test_means_of_many_bfloat16_pixels_are_exact():
    got = SpatialPyramidPooling2D([1], dtype="mixed_bfloat16")(np.ones((1, 64, 64, 1), "float32"))
    assert float(got[0, 0, 0]) == 1


@pytest.mark.parametrize("bins", [[], [0], [(2, 0)]])
def test_bad_bins_are_named(bins):
    with pytest.raises(ValueError, match="grids of at least one cell"):
        SpatialPyramidPooling2D(bins)


def test_more_cells_than_pixels_are_refused():
    with pytest.raises(ValueError, match="found 4 x 4 cells for 3 x 9 pixels"):
        SpatialPyramidPooling2D([4])(np.zeros((1, 3, 9, 1)))
