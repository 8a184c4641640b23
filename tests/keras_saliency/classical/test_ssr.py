import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.classical.ssr import (
    DISC,
    SSR,
    descriptors,
    global_resemblance,
    kernels,
    lab_rec709,
    local_resemblance,
    small_planes,
)

RNG = np.random.default_rng(0)


def noise(height, width):
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(48, 64), (1, 1), (1, 9), (131, 90)])
@pytest.mark.parametrize("form", ["global", "local"])
def test_the_map_has_the_pictures_size(size, form):
    found = build_model("ssr", form=form, window=3).predict_map(noise(*size))
    assert found.shape == size
    assert found.dtype == np.float64
    assert np.isfinite(found).all()
    assert found.min() >= 0


def test_a_constant_picture_gives_zeros():
    np.testing.assert_array_equal(
        build_model("ssr").predict_map(np.full((40, 50, 3), 9, np.uint8)), np.zeros((40, 50))
    )


def test_a_gray_picture_is_one_channel():
    gray = noise(70, 80)[..., :1].repeat(3, axis=2)
    assert small_planes(gray).shape == (64, 64, 1)
    assert small_planes(noise(70, 80)).shape == (64, 64, 3)
    assert np.isfinite(build_model("ssr").predict_map(gray)).all()


def test_the_disc_is_the_area_of_each_pixel():
    fine = (np.arange(3000) - 1499.5) / 1000
    inside = fine[:, None] ** 2 + fine[None, :] ** 2 <= 1
    area = inside.reshape(3, 1000, 3, 1000).mean(axis=(1, 3))
    np.testing.assert_allclose(DISC, area / area[1, 1], atol=2e-4)


def test_lab_of_known_colours():
    found = lab_rec709(np.array([[1.0, 1, 1], [0, 0, 0], [1, 0, 0]]))
    np.testing.assert_allclose(found[0], [100, 0, 0], atol=1e-3)
    np.testing.assert_allclose(found[1], [0, 0, 0], atol=1e-9)
    np.testing.assert_allclose(found[2], [53.24, 80.09, 67.20], atol=0.05)


def test_kernels_of_a_flat_plane_are_round():
    strength = (1e-7 / DISC.sum()) ** 0.42
    row, column = (offset - 1 for offset in np.indices((3, 3)))
    expected = np.exp(-strength * (row**2 + column**2) * 0.5 / 0.04)
    np.testing.assert_allclose(kernels(np.zeros((5, 6)))[2, 3], expected.T.ravel(), rtol=1e-12)


def test_kernels_of_a_ramp_swap_the_axes():
    slope = 0.25
    ramp = np.tile(np.arange(20) * slope, (20, 1))  # rises along the columns
    first = slope * np.sqrt((DISC**2).sum())
    strength = (1e-7 / DISC.sum()) ** 0.42
    along, across = (first + 1) * strength, strength / (first + 1)
    row, column = (offset - 1 for offset in np.indices((3, 3)))
    # a kernel should be narrow along the columns, where the ramp rises; the program's is along rows
    expected = np.exp(-(along * row**2 + across * column**2) * 0.5 / 0.04)
    np.testing.assert_allclose(kernels(ramp)[10, 10], expected.T.ravel(), rtol=1e-9)


def test_descriptors_hold_the_window_and_have_unit_length():
    found = RNG.random((2, 6, 7, 9))
    described = descriptors(found, 3)
    assert described.shape == (6, 7, 2 * 9 * 9)
    np.testing.assert_allclose(np.linalg.norm(described, axis=2), 1)
    inside = found[:, 1:4, 2:5]  # around row 2, column 3
    assert np.sort(described[2, 3]) == pytest.approx(
        np.sort(inside.ravel()) / np.linalg.norm(inside)
    )


@pytest.mark.parametrize("window", [1, 3, 7])
def test_global_resemblance_by_all_pairs(window):
    found = RNG.random((2, 12, 10, 9))
    described = descriptors(found, window)
    vectors = described.reshape(120, -1)
    expected = np.exp((vectors @ vectors.T - 1) / 0.07**2).sum(axis=1).reshape(12, 10)
    np.testing.assert_allclose(global_resemblance(found, window, 0.07), expected, rtol=1e-10)


def test_local_resemblance_by_pairs_around():
    described = descriptors(RNG.random((1, 8, 9, 9)), 3, margin=1)
    found = local_resemblance(described, 3, 0.5)
    assert found.shape == (8, 9)
    around = described[4:7, 2:5].reshape(9, -1)  # row 4, column 2 with its margin of 1
    expected = np.exp((around @ described[5, 3] - 1) / 0.25).sum()
    assert found[4, 2] == pytest.approx(expected, rel=1e-12)


def test_an_odd_patch_stands_out():
    picture = np.full((128, 128, 3), 90, np.uint8)
    picture[:, ::16] = 160
    picture[60:76:2, 60:76] = 255
    found = build_model("ssr").predict_map(picture)
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert 50 <= row < 86
    assert 50 <= column < 86


@pytest.mark.parametrize(
    "options", [{"window": 4}, {"window": 65}, {"surround": 0}, {"sigma": 0.0}, {"form": "x"}]
)
def test_what_does_not_fit_is_refused(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        SSR(**options)
