import numpy as np
import pytest
from scipy.linalg import eigh

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.classical.covsal import (
    covariance_distance,
    lab_without_gamma,
    patch_features,
    region_statistics,
    sigma_points,
)

SMALL = {"size": 64, "exponents": (4, 3, 2)}
RNG = np.random.default_rng(0)


def noise(height, width):
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


def positive(count):
    factors = RNG.normal(size=(count, 7, 9))
    return factors @ factors.transpose(0, 2, 1)


@pytest.mark.parametrize("size", [(48, 64), (91, 60), (1, 1), (1, 9)])
@pytest.mark.parametrize("method", ["SigmaPoints", "CovariancesOnly"])
def test_the_map_has_the_pictures_size(size, method):
    found = build_model("covsal", method=method, **SMALL).predict_map(noise(*size))
    assert found.shape == size
    assert found.dtype == np.float64
    assert np.isfinite(found).all()


def test_a_constant_picture_gives_zeros():
    found = build_model("covsal", **SMALL).predict_map(np.full((50, 70, 3), 99, np.uint8))
    np.testing.assert_array_equal(found, np.zeros((50, 70)))


def test_the_seed_decides_the_noise():
    picture = noise(40, 50)
    first, again, other = (
        build_model("covsal", seed=seed, **SMALL).predict_map(picture) for seed in (0, 0, 1)
    )
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_regions_reach_one_pixel_before_their_patch():
    features = RNG.random((12, 12, 7))
    means, covariances = region_statistics(features, 4)
    # rows 1..4 and 3..8 and 7..11 counted from 0: the square's first pixel is in none
    for index, span in enumerate((slice(1, 5), slice(4, 9), slice(8, 12))):
        block = features[span, 1:5].reshape(-1, 7)
        np.testing.assert_allclose(means[index, 0], block.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(
            covariances[index, 0], np.cov(block.T, bias=True), rtol=1e-9, atol=1e-13
        )


def test_sigma_points_have_the_programs_distances():
    means, covariances = RNG.normal(size=(2, 7)), positive(2)
    found = sigma_points(means, covariances)
    strung = []
    for mean, covariance in zip(means, covariances, strict=True):
        upper = np.linalg.cholesky(2 * 7.1 * (covariance + 1e-3 * np.eye(7))).T
        strung.append(
            np.concatenate([mean, (mean[:, None] + upper).ravel(), (mean[:, None] - upper).ravel()])
        )
    assert np.linalg.norm(found[0] - found[1]) == pytest.approx(
        np.linalg.norm(strung[0] - strung[1]), rel=1e-12
    )


def test_covariance_distance_is_of_generalised_eigenvalues():
    first, second = positive(5), positive(5)
    expected = [
        np.sqrt((np.log(eigh(a, b, eigvals_only=True)) ** 2).sum())
        for a, b in zip(first, second, strict=True)
    ]
    np.testing.assert_allclose(covariance_distance(first, second), expected, rtol=1e-9)
    np.testing.assert_allclose(covariance_distance(second, first), expected, rtol=1e-9)


def test_lab_has_no_gamma():
    white, gray = lab_without_gamma(np.array([[255.0] * 3, [127.5] * 3])).T
    np.testing.assert_allclose(white, [100, 0, 0], atol=1e-3)
    assert gray[0] == pytest.approx(116 * 0.5 ** (1 / 3) - 16, abs=1e-3)


def test_features_are_in_order():
    square = np.zeros((4, 5, 3))
    square[:, 3:] = 30.0
    found = patch_features(square)
    np.testing.assert_array_equal(found[2, :, 3], 0)
    np.testing.assert_array_equal(found[2, :, 4], [0, 0, 30, 30, 0])
    np.testing.assert_array_equal(found[2, 1, 5:], [3, 2])


def test_an_odd_patch_stands_out():
    picture = np.random.default_rng(5).normal(120, 12, (96, 96, 3)).clip(0, 255).astype(np.uint8)
    picture[24:40, 56:72] = picture[24:40, 56:72] // 8 + np.array([200, 0, 0], np.uint8)
    found = build_model("covsal", center_bias=False, **SMALL).predict_map(picture)
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert 16 <= row < 48
    assert 48 <= column < 80


def test_the_centre_weighs_more():
    with_bias, without = (
        build_model("covsal", center_bias=bias, **SMALL).predict_map(noise(64, 64))
        for bias in (True, False)
    )
    ratio = with_bias / without
    assert ratio[32, 32] > 2 * ratio[6, 6]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"exponents": (1,)}, "from 2"),
        ({"exponents": ()}, "from 2"),
        ({"size": 100, "exponents": (3,)}, "from 2"),
        ({"noise": np.zeros((5, 5, 3))}, r"\(512, 512, 3\)"),
        ({"method": "Means"}, "must be one of"),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        build_model("covsal", **options)
