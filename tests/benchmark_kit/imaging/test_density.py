import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.density import (
    DensitySpec,
    blur,
    count_map,
    density_of,
    parse_sigma,
)
from benchmark_kit.types import Fixations


def points(n, size, seed=0):
    rng = np.random.default_rng(seed)
    return Fixations(rng.uniform(0, size[1], n), rng.uniform(0, size[0], n), size)


@pytest.mark.parametrize("border", ["reflect", "constant", "nearest"])
@pytest.mark.parametrize("sigma", [0.7, 2.0, 5.5, 60.0])
@pytest.mark.parametrize("n", [1, 20, 400])
def test_equals_scipy_for_few_and_many_points(border, sigma, n):
    fixations = points(n, (61, 47))
    expected = gaussian_filter(count_map(fixations).astype(float), sigma, mode=border)
    ours = density_of(fixations, DensitySpec(sigma_px=sigma, border=border)).values
    assert np.abs(ours - expected).max() <= 1e-13 * expected.max()
    assert np.abs(blur(count_map(fixations), sigma, border) - expected).max() <= 1e-13 * n


def test_counts_and_binary():
    fixations = Fixations(np.array([3.2, 3.9, 0.0]), np.array([1.0, 1.5, 0.0]), (4, 5))
    assert count_map(fixations)[1, 3] == 2
    assert count_map(fixations, binary=True)[1, 3] == 1
    counts = density_of(fixations, DensitySpec(sigma_px=1.0)).values
    binary = density_of(fixations, DensitySpec(sigma_px=1.0, points="binary")).values
    assert counts.sum() == pytest.approx(3)
    assert binary.sum() == pytest.approx(2)


def test_default_sigma_is_a_share_of_the_longer_side():
    fixations = points(30, (60, 128))
    expected = gaussian_filter(count_map(fixations).astype(float), 3.0, mode="reflect")
    assert np.allclose(density_of(fixations, DensitySpec()).values, expected, atol=1e-13)


def test_sigma_in_words():
    assert parse_sigma("35px", None) == 35
    assert parse_sigma("1.5", None) == 1.5
    assert parse_sigma("1deg", 35.0) == 35
    for wrong in ("35 parsec", "", "0px", "-1deg", "nan"):
        with pytest.raises(ConfigError):
            parse_sigma(wrong, 35.0)


def test_wrong_specs():
    with pytest.raises(ConfigError, match="border"):
        DensitySpec(border="wrap")
    with pytest.raises(ConfigError, match="sigma"):
        DensitySpec(sigma_px=0)


def test_min_max_scales_what_is_blurred():
    spec = DensitySpec(sigma_px=3.0, points="binary", minmax=True)
    found = density_of(points(9, (20, 30)), spec).values
    plain = density_of(points(9, (20, 30)), DensitySpec(sigma_px=3.0, points="binary")).values
    assert (found.min(), found.max()) == (0.0, 1.0)
    np.testing.assert_allclose(found, (plain - plain.min()) / np.ptp(plain), rtol=1e-12)
