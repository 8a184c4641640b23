import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.types import Fixations, GroundTruth
from keras_saliency.base.centre_bias import CentreBias, fit_centre_bias, log_centre_bias, normalised


def images(count=6, spread=0.1, size=(60, 80), points=40, seed=0):
    rng = np.random.default_rng(seed)
    height, width = size
    made = []
    for k in range(count):
        x = np.clip(rng.normal(0.5, spread, points), 0, 0.999) * width
        y = np.clip(rng.normal(0.4, spread, points), 0, 0.999) * height
        made.append(GroundTruth(str(k), size, Fixations(x, y, size)))
    return made


def bias(**options):
    rng = np.random.default_rng(1)
    given = {"bandwidth": 0.1, "uniform": 0.01, **options}
    return CentreBias(rng.random(50), rng.random(50), np.arange(50) // 10, **given)


@pytest.mark.parametrize("size", [(37, 50), (1, 9), (9, 1), (1, 1), (641, 479)])
def test_every_density_sums_to_one(size):
    found = bias().log_density(size)
    assert found.shape == size
    assert abs(np.exp(found).sum() - 1) < 1e-9


def test_without_an_image_is_the_bias_of_the_others():
    whole = bias()
    kept = whole.image != 2
    others = CentreBias(whole.x[kept], whole.y[kept], whole.image[kept], 0.1, 0.01)
    np.testing.assert_array_equal(
        whole.log_density((20, 30), without=2), others.log_density((20, 30))
    )


def test_the_share_of_the_uniform_density_is_its_share():
    found = np.exp(bias(uniform=0.3, bandwidth=0.01).log_density((50, 50)))
    assert found.min() == pytest.approx(0.3 / 2500, rel=1e-6)
    thin = np.exp(bias(uniform=0.3, bandwidth=0.01, dialect="pysaliency").log_density((50, 50)))
    assert thin.min() == pytest.approx(0.3 / 2500 / (0.7 * 50 + 0.3), rel=1e-6)


def test_fitting_finds_the_width_of_the_data():
    narrow = fit_centre_bias(images(spread=0.05))
    wide = fit_centre_bias(images(spread=0.2))
    assert 0.01 < narrow.bandwidth < wide.bandwidth < 0.2
    assert 0 < narrow.uniform < 0.2
    density = np.exp(wide.log_density((60, 80)))
    row, column = np.unravel_index(density.argmax(), density.shape)
    assert abs(row - 24) < 9
    assert abs(column - 40) < 12


def test_a_fitted_bias_beats_its_neighbours_on_left_out_images():
    data = images(count=8, points=60)
    found = fit_centre_bias(data)

    def score(bandwidth):
        made = CentreBias(found.x, found.y, found.image, bandwidth, found.uniform)
        total = 0.0
        for k, truth in enumerate(data):
            logs = made.log_density((256, 256), without=k)
            at = truth.fixations
            total += logs[(at.y / 60 * 256).astype(int), (at.x / 80 * 256).astype(int)].mean()
        return total

    best = score(found.bandwidth)
    assert best >= score(found.bandwidth * 1.6)
    assert best >= score(found.bandwidth / 1.6)


def test_given_values_are_kept():
    found = fit_centre_bias(images(), bandwidth=0.07)
    assert found.bandwidth == pytest.approx(0.07)
    found = fit_centre_bias(images(), bandwidth=0.07, uniform=0.02)
    assert (found.bandwidth, found.uniform) == (0.07, 0.02)


def test_what_cannot_be_fitted_is_refused():
    with pytest.raises(ConfigError, match="two images"):
        fit_centre_bias(images(count=1))
    with pytest.raises(ConfigError, match="dialect"):
        bias(dialect="mit")
    with pytest.raises(ConfigError, match="uniform share"):
        bias(uniform=0.0)


def test_sources_of_a_bias(tmp_path):
    uniform = log_centre_bias("uniform", (4, 5))
    np.testing.assert_allclose(uniform, -np.log(20))
    array = normalised(np.random.default_rng(0).random((8, 9)))
    np.save(tmp_path / "bias.npy", array)
    np.testing.assert_allclose(log_centre_bias(tmp_path / "bias.npy", (8, 9)), array)
    other = log_centre_bias(array, (16, 18))
    assert other.shape == (16, 18)
    assert abs(np.exp(other).sum() - 1) < 1e-9
    fitted = bias()
    np.testing.assert_array_equal(log_centre_bias(fitted, (6, 7)), fitted.log_density((6, 7)))


@pytest.mark.parametrize("wrong", [np.zeros((2, 2, 3)), np.zeros((4, 4), int)])
def test_what_is_no_log_density_is_refused(wrong):
    with pytest.raises(InputError, match="log density"):
        log_centre_bias(wrong, (4, 4))


def test_files_that_are_none_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="no centre bias"):
        log_centre_bias(tmp_path / "none.npy", (4, 4))
    np.save(tmp_path / "o.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(InputError, match="array of numbers"):
        log_centre_bias(tmp_path / "o.npy", (4, 4))
    with pytest.raises(InputError, match="finite"):
        log_centre_bias(np.full((3, 3), -np.inf), (4, 4))
