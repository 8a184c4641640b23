import numpy as np
import pytest
from scipy.io import savemat

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.classical._filters import gaussian_kernel, imfilter
from keras_saliency.classical.aim import AIM, histogram_information, parzen_information, responses

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def basis(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bases")
    for name in ("21jade950", "31jade950"):
        matrix = np.random.default_rng(2).normal(size=(3, 3 * 5**2))
        savemat(folder / f"{name}.mat", {"B": matrix - matrix.mean(axis=1, keepdims=True)})
    return folder


def noise(height, width):
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(48, 64), (31, 40), (1, 1), (4, 9), (5, 5)])
@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_the_map_has_the_pictures_size(basis, size, factor):
    found = build_model("aim", bases=basis, resize=factor).predict_map(noise(*size))
    assert found.shape == size
    assert found.dtype == np.float64
    assert np.isfinite(found).all()
    assert found.min() >= 0


@pytest.mark.parametrize("method", ["histogram", "parzen"])
def test_a_constant_picture_gives_zeros(basis, method):
    found = build_model("aim", bases=basis, method=method).predict_map(
        np.full((50, 70, 3), 9, np.uint8)
    )
    np.testing.assert_array_equal(found, np.zeros((50, 70)))


def test_a_picture_smaller_than_a_patch_gives_zeros(basis):
    np.testing.assert_array_equal(
        build_model("aim", bases=basis).predict_map(noise(4, 30)), np.zeros((4, 30))
    )


def test_responses_are_inner_products_where_a_patch_fits():
    pixels, filters = RNG.random((13, 17, 3)), RNG.normal(size=(4, 5, 5, 3))
    found = responses(pixels, filters)
    assert found.shape == (4, 9, 13)
    for row, column in ((0, 0), (8, 12), (3, 7)):
        patch = pixels[row : row + 5, column : column + 5]
        np.testing.assert_allclose(found[:, row, column], (filters * patch).sum((1, 2, 3)))


def test_outer_bins_are_half_as_wide():
    answers = np.array([[[0.0, 0.24, 0.26, 0.5, 0.74, 0.76, 1.0]]])
    found = histogram_information(answers, 3, common=False)
    counts = np.array([2, 2, 3, 3, 3, 2, 2])
    np.testing.assert_allclose(found[0], -np.log(counts / 7 + 1e-6), rtol=1e-14)


def test_a_common_range_is_that_of_all_filters():
    answers = np.array([[[0.0, 0.4]], [[0.0, 4.0]]])
    own, common = (histogram_information(answers, 2, common=flag) for flag in (False, True))
    np.testing.assert_allclose(own[0], -2 * np.log(0.5 + 1e-6) * np.ones(2))
    np.testing.assert_allclose(
        common[0], -np.log(1 + 1e-6) - np.log(0.5 + 1e-6) * np.ones(2), rtol=1e-12
    )


def test_parzen_windows_by_their_sum():
    answers = RNG.random((2, 6, 7))
    answers[:, 0, :2] = 0.0, 1.0
    expected = np.zeros((6, 7))
    places = np.arange(101) / 100
    for values in answers:
        density = np.exp(-0.5 * ((places[:, None] - values.ravel()) / 0.01) ** 2).sum(axis=1)
        density /= density.sum()
        expected -= np.log(density[np.floor(99 * values + 1.5).astype(int) - 1] + 1e-6)
    np.testing.assert_allclose(parzen_information(answers), expected, rtol=1e-12)


def test_the_border_has_the_minimum(basis):
    found = build_model("aim", bases=basis).predict_map(noise(40, 50))
    inner = found[2:-2, 2:-2]
    for edge in (found[:2], found[-2:], found[:, :2], found[:, -2:]):
        assert (edge == inner.min()).all()
    assert inner.max() > inner.min()


def test_the_blur_comes_before_the_border(basis):
    plain, blurred = (
        build_model("aim", bases=basis, convolve=flag).predict_map(noise(60, 70))
        for flag in (False, True)
    )
    expected = imfilter(plain[2:-2, 2:-2], gaussian_kernel((30, 30), 8.0))
    np.testing.assert_allclose(blurred[2:-2, 2:-2], expected, rtol=1e-12)
    assert (blurred[:2] == blurred.min()).all()


def test_presets_are_settings_and_what_is_given_holds(basis):
    picture = noise(40, 50)

    def maps(**options):
        return build_model("aim", bases=basis, **options).predict_map(picture)

    np.testing.assert_array_equal(maps(preset="smiler"), maps(bins=256, scaling="all"))
    np.testing.assert_array_equal(maps(preset="pysaliency"), maps(basis="31jade950", convolve=True))
    np.testing.assert_array_equal(
        maps(preset="pysaliency", convolve=False), maps(basis="31jade950")
    )
    assert np.abs(maps() - maps(preset="smiler")).max() > 0.1


def test_an_odd_patch_stands_out(basis):
    picture = np.random.default_rng(5).normal(120, 8, (90, 120, 3)).clip(0, 255).astype(np.uint8)
    picture[60:66, 30:36] = (255, 0, 0)
    found = build_model("aim", bases=basis).predict_map(picture)
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert 57 <= row < 69
    assert 27 <= column < 39


@pytest.mark.parametrize(
    "options", [{"resize": 0}, {"bins": 1}, {"preset": "octave"}, {"method": "x"}, {"scaling": "x"}]
)
def test_what_does_not_fit_is_refused(basis, options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        AIM(bases=basis, **options)
