"""Maps as log densities: they sum to one as stored, and nowhere to nothing."""

import numpy as np
import pytest
from scipy.special import logsumexp

from benchmark_kit.errors import ConfigError
from benchmark_kit.packaging.fitted_density import FittedDensity
from benchmark_kit.packaging.to_density import (
    NotNormalised,
    farthest_sum,
    floored,
    log_density,
    parse_grid,
    stored_density,
)

MAP = np.random.default_rng(2).random((48, 64)) ** 6


def test_softmax_takes_the_map_as_log_density_up_to_a_constant():
    found = log_density(MAP, "softmax", floor=0)
    assert np.exp(found) == pytest.approx(np.exp(MAP) / np.exp(MAP).sum())


def test_sum_takes_the_map_as_density_up_to_a_factor():
    assert np.exp(log_density(MAP, "sum", floor=0)) == pytest.approx(MAP / MAP.sum())
    lifted = MAP - 0.5
    lifted -= lifted.min()
    assert np.exp(log_density(MAP - 0.5, "sum", floor=0)) == pytest.approx(lifted / lifted.sum())


def test_an_empty_map_becomes_uniform():
    assert np.exp(log_density(np.zeros((4, 5)), "sum")) == pytest.approx(np.full((4, 5), 0.05))


def test_the_floor_mixes_with_the_uniform_density():
    values = np.zeros((10, 10))
    values[0, 0] = 1
    found = np.exp(log_density(values, "sum", floor=1e-4))
    assert found[5, 5] == pytest.approx(1e-4 / 100)
    assert found[0, 0] == pytest.approx(1 - 1e-4 + 1e-6)
    assert found.sum() == pytest.approx(1)
    assert log_density(values, "sum").min() == pytest.approx(np.log(1e-4 / 100))  # the default
    with pytest.raises(ConfigError, match="floor"):
        floored(np.zeros((2, 2)), 1.0)


@pytest.mark.parametrize("shape", [(48, 64), (600, 800)])
@pytest.mark.parametrize("peak", [0.5, 30.0])
def test_stored_densities_sum_to_one_in_float32_and_in_float64(shape, peak):
    noise = np.random.default_rng(0).standard_normal(shape) * peak
    stored = stored_density(log_density(noise, "softmax"))
    assert stored.dtype == np.float32
    assert abs(float(logsumexp(stored))) < 1e-5
    assert abs(float(logsumexp(stored.astype(np.float64)))) < 1e-5


def test_a_grid_rounds_to_multiples_and_keeps_the_sum():
    logs = log_density(np.random.default_rng(0).random((600, 800)), "sum")
    stored = stored_density(logs, grid=2.0**-10)
    assert (stored.astype(np.float64) * 1024 == np.round(stored.astype(np.float64) * 1024)).all()
    assert np.abs(stored - logs).max() <= 2.0**-11 + 1e-6
    assert abs(farthest_sum(stored)) < 1e-5


def test_a_grid_too_coarse_for_the_sum_is_refused():
    with pytest.raises(NotNormalised, match="finer --grid"):
        stored_density(log_density(MAP, "sum"), grid=0.5)


def test_a_density_without_mass_is_refused():
    with np.errstate(invalid="ignore"), pytest.raises(NotNormalised, match="-inf"):
        stored_density(np.full((3, 3), -np.inf))


def test_a_grid_is_a_power_of_two():
    assert parse_grid("2^-10") == 2.0**-10 == parse_grid("0.0009765625")
    for bad in ("0.001", "3^-2", "2^3", "0", "-0.5", "fine", "2^-60"):
        with pytest.raises(ConfigError, match="power of two"):
            parse_grid(bad)


def test_an_unknown_method_is_named_with_the_known_ones():
    with pytest.raises(ConfigError, match="softmax, sum"):
        log_density(MAP, "exp")


def test_a_fitted_density_follows_its_knots():
    fitted = FittedDensity((0.0, 2.0), (0.0, -np.sqrt(2)), {})
    values = np.array([[0.0, 10.0], [5.0, 0.0]])
    # every pixel of a 2x2 image lies at the distance sqrt(1/2); g rises by 2
    expected = np.array([[0.0, 2.0], [1.0, 0.0]])
    expected -= logsumexp(expected)
    assert log_density(values, fitted, floor=0) == pytest.approx(expected)
