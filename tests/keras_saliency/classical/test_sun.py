import numpy as np
import pytest
from scipy.io import savemat

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def stats(tmp_path_factory):
    path = tmp_path_factory.mktemp("sun") / "stats.mat"
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(6, 363))
    savemat(
        path,
        {
            "B1": matrix - matrix.mean(axis=1, keepdims=True),
            "sigmas": rng.random((1, 6)) + 0.5,
            "thetas": rng.random((1, 6)) * 0.5 + 0.4,
        },
    )
    return path


def noise(height, width):
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


def by_definition(stats, pixels, place, flipped=False):
    from scipy.io import loadmat

    table = loadmat(stats)
    patch = (pixels / pixels.std(ddof=1))[place[0] : place[0] + 11, place[1] : place[1] + 11]
    if flipped:
        patch = patch[::-1, ::-1]
    answers = table["B1"] @ patch.transpose(2, 1, 0).ravel()
    return ((np.abs(answers) / table["sigmas"][0]) ** table["thetas"][0]).sum()


@pytest.mark.parametrize("size", [(48, 64), (31, 40), (1, 1), (10, 30), (11, 11)])
@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_the_map_has_the_pictures_size(stats, size, factor):
    found = build_model("sun", stats=stats, resize=factor).predict_map(noise(*size))
    assert found.shape == size
    assert found.dtype == np.float64
    assert np.isfinite(found).all()
    assert found.min() >= 0


@pytest.mark.parametrize("flipped", [False, True])
def test_the_map_by_definition(stats, flipped):
    picture = noise(40, 52)
    found = build_model("sun", stats=stats, flipped=flipped).inner_map(picture)
    assert found.shape == (30, 42)
    for place in ((0, 0), (29, 41), (17, 5)):
        expected = by_definition(stats, picture.astype(float), place, flipped)
        assert found[place] == pytest.approx(expected, rel=1e-9)


def test_flat_places_are_exact(stats):
    picture = noise(60, 80)
    picture[10:40, 10:40] = (200, 30, 90)
    picture[10:40, 45:75] = 255
    found = build_model("sun", stats=stats).inner_map(picture)
    pixels = picture.astype(float)
    assert found[15, 20] == pytest.approx(by_definition(stats, pixels, (15, 20)), rel=1e-12)
    # the answer of a gray patch is a rounding error that a small power would make large
    assert found[15, 50] < 1e-4


def test_contrast_does_not_count(stats):
    picture = noise(40, 50) // 2
    model = build_model("sun", stats=stats)
    np.testing.assert_allclose(
        model.predict_map(picture * 2), model.predict_map(picture), rtol=1e-9
    )


def test_the_border_repeats_the_edge(stats):
    found = build_model("sun", stats=stats).predict_map(noise(40, 50))
    assert (found[:5] == found[5]).all()
    assert (found[:, -5:] == found[:, [-6]]).all()


def test_a_constant_picture_gives_zeros(stats):
    found = build_model("sun", stats=stats).predict_map(np.full((50, 70, 3), 9, np.uint8))
    np.testing.assert_array_equal(found, np.zeros((50, 70)))


def test_a_factor_of_none_is_refused(stats):
    with pytest.raises(ConfigError, match="resize"):
        build_model("sun", stats=stats, resize=0)
