import numpy as np
import pytest
from scipy.ndimage import zoom

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.resize import KERNELS, resize, resize_by_factor


def cubic(x):
    x = abs(x)
    if x <= 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x <= 2 else 0.0


def slow_line(line, n_out, scale, border):
    """One axis of MATLAB's imresize, tap by tap."""
    n_in, shrink = len(line), min(scale, 1.0)
    result = []
    for i in range(1, n_out + 1):
        centre = i / scale + 0.5 * (1 - 1 / scale)
        reach = int(np.ceil(2 / shrink)) + 2
        total = weight_sum = 0.0
        for tap in range(int(centre) - reach, int(centre) + reach + 1):
            weight = cubic(shrink * (centre - tap))
            k = tap - 1
            if border == "replicate":
                k = min(max(k, 0), n_in - 1)
            else:
                k %= 2 * n_in
                k = min(k, 2 * n_in - 1 - k)
            total += weight * line[k]
            weight_sum += weight
        result.append(total / weight_sum)
    return np.array(result)


@pytest.mark.parametrize("border", ["symmetric", "replicate"])
@pytest.mark.parametrize("n_out", [4, 7, 13, 29])
def test_matlab_bicubic_equals_the_taps(border, n_out):
    line = np.random.default_rng(0).random(13)
    expected = slow_line(line, n_out, n_out / 13, border)
    ours = resize(np.tile(line, (5, 1)), (5, n_out), f"matlab-bicubic-{border}")
    assert np.allclose(ours, expected, atol=1e-13)


def test_by_a_factor_takes_the_ceiling_and_the_factor_itself():
    line = np.random.default_rng(0).random(13)
    ours = resize_by_factor(np.tile(line, (8, 1)), 0.25, "matlab-bicubic-symmetric")
    assert ours.shape == (2, 4)
    assert np.allclose(ours[0], slow_line(line, 4, 0.25, "symmetric"), atol=1e-13)


def test_board_kernel_is_scipys_zoom():
    values = np.random.default_rng(1).random((7, 9))
    assert np.array_equal(
        resize(values, (14, 12), "bilinear"), zoom(values, (2, 12 / 9), order=1, mode="nearest")
    )
    assert np.array_equal(resize(values, (14, 12), "spline3"), zoom(values, (2, 12 / 9), order=3))


@pytest.mark.parametrize("kernel", KERNELS)
def test_sizes_constants_and_equal_size(kernel):
    values = np.random.default_rng(1).random((7, 9))
    assert resize(values, (5, 31), kernel).shape == (5, 31)
    assert np.array_equal(resize(values, (7, 9), kernel), values)
    if kernel != "spline3":  # scipy's default border of order 3 is zero outside
        assert np.allclose(resize(np.full((7, 9), 3.0), (15, 4), kernel), 3.0)


def test_nearest_keeps_the_values():
    values = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(
        resize(values, (4, 6), "nearest"), np.repeat(np.repeat(values, 2, 0), 2, 1)
    )


def test_unknown_kernel():
    with pytest.raises(ConfigError, match="known are"):
        resize(np.zeros((2, 2)), (3, 3), "lanczos")


def test_each_axis_has_its_own_scale_and_sizes_round_up():
    values = np.random.default_rng(0).random((7, 12))
    found = resize(values, (14, 5), "matlab-bicubic-symmetric")
    # not to the bit: processors add the terms of a product in orders of their own
    turned = resize(values.T, (5, 14), "matlab-bicubic-symmetric")
    np.testing.assert_allclose(turned, found.T, rtol=0, atol=1e-15)
    wanted = np.array([slow_line(line, 14, 2.0, "symmetric") for line in values.T]).T
    wanted = np.array([slow_line(line, 5, 5 / 12, "symmetric") for line in wanted])
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    assert resize_by_factor(values, 0.3, "matlab-bicubic-replicate").shape == (3, 4)
