"""What is done to one map, and what a request means."""

import numpy as np
import pytest
from scipy.special import logsumexp

from benchmark_kit.errors import ConfigError, Problem
from benchmark_kit.imaging.images import read_map
from benchmark_kit.leaderboards import get_board
from benchmark_kit.maps.sources import ArrayReference
from benchmark_kit.packaging.checks.values import RENORMALISE
from benchmark_kit.packaging.fitted_density import FittedDensity
from benchmark_kit.packaging.recipe import Job, Recipe, choose_recipe, encode_job

MAP = np.random.default_rng(0).random((12, 20))


def encode(values, recipe, size=(12, 20)):
    return encode_job(Job("i1", "i1.png", size, ArrayReference(np.asarray(values)), recipe))


def density(values, **options):
    return Recipe("densities", "hdf5", **options).density(values)


def test_the_boards_first_store_is_the_default_and_depth_names_another():
    board = get_board("mit300")
    assert choose_recipe(board, "maps").store == "png8"
    assert choose_recipe(board, "maps", depth=16).store == "png16"
    assert choose_recipe(board, "densities").store == "hdf5"
    assert choose_recipe(get_board("lsun"), "maps").store == "mat73"
    with pytest.raises(ConfigError, match="hdf5, npy"):
        choose_recipe(board, "densities", depth=8)


def test_a_file_of_fitted_parameters_is_loaded(tmp_path):
    fitted = FittedDensity((0.0, 1.0), (0.0, -1.0), {"dataset": "known"})
    (tmp_path / "fit.json").write_text(fitted.to_json())
    path = str(tmp_path / "fit.json")
    recipe = choose_recipe(get_board("mit300"), "densities", to_density=path)
    assert recipe.method == fitted
    assert recipe.describe()["to_density"]["levels"] == (0.0, 1.0)


def test_only_maps_of_swapped_sides_are_turned():
    turned = encode(MAP.T, Recipe("maps", "png16", transpose=True))
    straight = encode(MAP, Recipe("maps", "png16", transpose=True))
    assert (read_map(("map.png", turned.data)) == read_map(("map.png", straight.data))).all()
    square = MAP[:, :12]
    kept = encode(square, Recipe("maps", "png16", transpose=True), (12, 12))
    plain = encode(square, Recipe("maps", "png16"), (12, 12))
    assert (read_map(("map.png", kept.data)) == read_map(("map.png", plain.data))).all()


@pytest.mark.parametrize(
    ("values", "recipe", "code"),
    [
        (MAP[:6], Recipe("maps", "png8"), "E203"),
        (np.full((12, 20), np.nan), Recipe("maps", "png8"), "E304"),
        (np.full((12, 20), np.inf), Recipe("densities", "hdf5", method="sum"), "E304"),
        (MAP.astype(complex), Recipe("maps", "png8"), "E303"),
        (np.zeros((12, 20)), Recipe("densities", "hdf5"), "E403"),
        (np.full((12, 20), 1e300), Recipe("maps", "npy"), "E304"),
    ],
)
def test_what_cannot_be_sent_comes_back_as_its_problem(values, recipe, code):
    problem = encode(values, recipe)
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert problem.fix


def test_one_pixel_without_mass_is_a_problem_unless_floored():
    logs = np.log(MAP / MAP.sum())
    logs[0, 0] = -np.inf
    logs -= logsumexp(logs)
    assert encode(logs, Recipe("densities", "hdf5")).code == "E404"
    assert np.isfinite(density(logs, floor=1e-3)).all()


def test_a_density_of_float32_that_sums_to_one_is_not_touched():
    logs = np.log(MAP / MAP.sum()).astype(np.float32)
    assert density(logs) is logs
    assert density(logs, floor=0.0) is not logs


def test_renormalising_takes_the_logsumexp_off():
    logs = np.log(MAP / MAP.sum()) + 0.3
    assert density(logs, renormalise=True) == pytest.approx(logs - 0.3, abs=1e-5)


@pytest.mark.parametrize(
    ("option", "problem", "other"),
    [
        ({"transpose": True}, Problem("E201", (), "x"), Problem("E203", (), "x")),
        ({"kernel": "bilinear"}, Problem("E203", (), "x"), Problem("E201", (), "x")),
        (
            {"renormalise": True},
            Problem("E403", (), "x", mended_by=RENORMALISE),
            Problem("E403", (), "base 2", fix="multiply by ln 2"),
        ),
        ({"floor": 0.1}, Problem("E404", (), "x"), Problem("E304", (), "x")),
    ],
)
def test_an_option_mends_its_own_finding_and_no_other(option, problem, other):
    assert Recipe("maps", "png8", **option).mends(problem)
    assert not Recipe("maps", "png8", **option).mends(other)
    assert not Recipe("maps", "png8").mends(problem)
