import numpy as np
import pytest

from keras_saliency.classical._filters import (
    attenuate_borders,
    gaussian_blur,
    gaussian_kernel,
    imfilter,
    local_maxima,
)


def slow_imfilter(values, kernel, border):
    """Correlation as MATLAB documents it, one pixel at a time."""
    height, width = values.shape
    rows, columns = kernel.shape
    centre = ((rows + 1) // 2 - 1, (columns + 1) // 2 - 1)
    found = np.zeros(values.shape)
    for y, x in np.ndindex(values.shape):
        for i, j in np.ndindex(kernel.shape):
            at_y, at_x = y + i - centre[0], x + j - centre[1]
            if border == "replicate":
                at_y, at_x = min(max(at_y, 0), height - 1), min(max(at_x, 0), width - 1)
            if 0 <= at_y < height and 0 <= at_x < width:
                found[y, x] += kernel[i, j] * values[at_y, at_x]
    return found


@pytest.mark.parametrize("border", ["zero", "replicate"])
@pytest.mark.parametrize("shape", [(3, 3), (4, 4), (10, 10), (2, 5)])
def test_imfilter(shape, border):
    random = np.random.default_rng(0)
    values, kernel = random.normal(size=(9, 12)), random.normal(size=shape)
    expected = slow_imfilter(values, kernel, border)
    # sums of at most 100 terms near 1: a few times 1e-14
    np.testing.assert_allclose(imfilter(values, kernel, border), expected, atol=1e-13, rtol=0)


def test_an_even_kernel_reaches_further_after_its_place():
    values = np.zeros((1, 20))
    values[0, 10] = 1
    found = imfilter(values, np.ones((1, 10)))
    assert np.flatnonzero(found[0]).tolist() == list(range(5, 15))


def test_gaussian_kernel():
    kernel = gaussian_kernel((10, 10), 2.5)
    assert kernel.shape == (10, 10)
    assert kernel.sum() == pytest.approx(1, abs=1e-15)
    np.testing.assert_array_equal(kernel, kernel.T)
    np.testing.assert_array_equal(kernel, kernel[::-1, ::-1])
    # neighbours of the middle lie half a pixel off it, the next ones one and a half
    assert kernel[4, 5] / kernel[4, 6] == pytest.approx(np.exp((1.5**2 - 0.5**2) / 12.5))


def test_gaussian_kernel_drops_what_rounds_to_nothing():
    kernel = gaussian_kernel((21, 21), 1.0)
    assert kernel[0, 0] == 0
    assert kernel[10, 10] > 0


def test_borders_are_attenuated_on_both_axes():
    found = attenuate_borders(np.ones((7, 9)), 2)
    expected = np.outer(
        [1 / 3, 2 / 3, 1, 1, 1, 2 / 3, 1 / 3], [1 / 3, 2 / 3, *[1] * 5, 2 / 3, 1 / 3]
    )
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_a_wide_border_is_cut_to_half_of_the_shorter_side():
    np.testing.assert_array_equal(
        attenuate_borders(np.ones((5, 20)), 9), attenuate_borders(np.ones((5, 20)), 2)
    )
    np.testing.assert_array_equal(attenuate_borders(np.ones((1, 4)), 3), np.ones((1, 4)))


def test_local_maxima_count_plateaus_and_leave_the_border_out():
    values = np.zeros((6, 7))
    values[0, 3] = 9  # border
    values[2, 2] = values[2, 3] = 4  # a plateau of two
    values[4, 5] = 2
    assert sorted(local_maxima(values, 1.0)) == [2, 4, 4]
    assert sorted(local_maxima(values, 3.0)) == [4, 4]
    assert local_maxima(np.ones((2, 9)), 0.0).size == 0


def test_a_gaussian_is_cut_where_it_is_told():
    values = np.zeros((21, 21))
    values[10, 10] = 1
    found = gaussian_blur(values, 1.5, 3, "zero")
    assert found.sum() == pytest.approx(1)
    assert np.flatnonzero(found[10]).tolist() == list(range(7, 14))
    assert found[10, 11] / found[10, 10] == pytest.approx(np.exp(-1 / 4.5))


@pytest.mark.parametrize(("border", "outside"), [("zero", 0), ("replicate", 5), ("mirror", 2)])
def test_a_gaussian_goes_on_as_told_at_the_edge(border, outside):
    weight = np.exp(-0.5) / (1 + 2 * np.exp(-0.5))
    found = gaussian_blur(np.array([[5, 2, 8]]), 1.0, 1, border)
    row = [weight * outside + (1 - 2 * weight) * 5 + weight * 2]
    # down the only row: the edge again, itself under mirror
    down = 1 if border != "zero" else 1 - 2 * weight
    assert found[0, 0] == pytest.approx(row[0] * down)
