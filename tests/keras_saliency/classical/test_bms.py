import numpy as np
import pytest
from scipy.ndimage import median_filter

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency import build_model
from keras_saliency.classical.bms import finish, jacobi_axes, median3, whiten


def ring(size=(150, 200), centre=(60, 130)):
    """A bright disc that nothing joins to the border, and a bar that reaches it."""
    y, x = np.mgrid[: size[0], : size[1]]
    picture = np.full((*size, 3), 90, np.uint8)
    picture[(y - centre[0]) ** 2 + (x - centre[1]) ** 2 < 15**2] = (200, 60, 50)
    picture[100:112, :90] = (200, 60, 50)
    return picture, centre


@pytest.mark.parametrize("name", ["bms", "bms_iccv"])
def test_what_is_enclosed_stands_out_and_what_reaches_the_border_does_not(name):
    picture, (y, x) = ring()
    found = build_model(name).predict_map(picture)
    top = np.unravel_index(found.argmax(), found.shape)
    assert np.hypot(top[0] - y, top[1] - x) < 15
    assert found[106, 10] < 0.05 * found.max()
    assert found.min() >= 0
    assert found.max() <= 255 + 1e-9


@pytest.mark.parametrize("name", ["bms", "bms_iccv"])
def test_rounding_as_the_program_does_moves_maps_by_few_levels(name):
    picture, _ = ring()
    smooth = build_model(name).predict_map(picture)
    stepped = build_model(name, quantize=True).predict_map(picture)
    np.testing.assert_array_equal(stepped, np.rint(stepped))
    assert np.abs(smooth - stepped).max() < 2


def test_whitened_channels_are_uncorrelated():
    rng = np.random.default_rng(0)
    channels = rng.normal(size=(4000, 3)) @ rng.normal(0, 40, (3, 3)) + 100
    found = np.cov(whiten(channels), rowvar=False, bias=True)
    # variances v / (v + 50)
    assert np.abs(found - np.diag(np.diag(found))).max() < 1e-6
    assert (np.diag(found) < 1).all()
    assert np.diag(found).max() > 0.9


def test_jacobi_gives_the_singular_vectors_but_for_the_signs():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(3, 3))
    axes, values = jacobi_axes(a @ a.T)
    u, w, _ = np.linalg.svd(a @ a.T)
    np.testing.assert_allclose(values, w, rtol=1e-6)
    np.testing.assert_allclose(np.abs(np.diag(axes.T @ u)), 1, rtol=1e-6)


def test_a_diagonal_matrix_keeps_positive_signs_and_is_sorted():
    axes, values = jacobi_axes(np.diag([2.0, 9.0, 4.0]))
    assert values.tolist() == [9, 4, 2]
    np.testing.assert_array_equal(axes, [[0, 0, 1], [1, 0, 0], [0, 1, 0]])


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (9, 12)])
def test_median(size):
    levels = np.random.default_rng(0).integers(0, 256, size).astype(np.uint8)
    np.testing.assert_array_equal(median3(levels), median_filter(levels, 3, mode="nearest"))


def test_the_last_steps_by_hand():
    total = np.zeros((41, 41))
    total[20, 20] = 3
    found = finish(total, (41, 41), grow=4, sigma=9.0, reach=18, quantize=False)
    place = np.arange(-18, 19)
    taps = np.exp(-(place**2) / 162) / np.exp(-(place**2) / 162).sum()
    assert found[20, 20] == pytest.approx(255 * taps[14:23].sum() ** 2)


@pytest.mark.parametrize(("longest", "size"), [(400, (300, 400)), (100, (75, 100))])
def test_the_longer_side_is_brought_to_the_working_size(longest, size):
    picture = np.random.default_rng(0).integers(0, 256, (150, 200, 3), dtype=np.uint8)
    assert build_model("bms", longest=longest).shrink(picture).shape == (*size, 3)


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("bms", {"colour": "Luv"}, "Lab"),
        ("bms", {"longest": 0}, "longest"),
        ("bms_iccv", {"width": 1.5}, "width"),
    ],
)
def test_options_that_make_no_sense(name, options, says):
    with pytest.raises(ConfigError, match=says):
        build_model(name, **options)


def test_a_very_high_picture_is_refused_by_the_form_of_fixed_width():
    picture = np.random.default_rng(0).integers(0, 256, (400, 2, 3), dtype=np.uint8)
    with pytest.raises(InputError, match=r"2 x 400.*Fix.*bms"):
        build_model("bms_iccv").predict_map(picture)
