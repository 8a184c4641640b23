import numpy as np
import pytest
from scipy.io import savemat

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.classical._sparse_bases import (
    find_aim_basis,
    find_sun_statistics,
    stretched,
)

RNG = np.random.default_rng(0)


def write_aim(path, filters=2, side=5):
    matrix = RNG.normal(size=(filters, 3 * side**2))
    savemat(path, {"B": matrix})
    return matrix


def write_sun(path, **changes):
    arrays = {
        "B1": RNG.normal(size=(4, 363)),
        "sigmas": RNG.random((1, 4)) + 0.5,
        "thetas": RNG.random((1, 4)) + 0.5,
    } | changes
    savemat(path, {name: value for name, value in arrays.items() if value is not None})
    return arrays


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch):
    monkeypatch.delenv("AIM_BASES", raising=False)
    monkeypatch.delenv("SUN_STATS", raising=False)


def test_patches_are_stretched_column_by_column(tmp_path):
    matrix = write_aim(tmp_path / "one.mat")
    found = find_aim_basis(tmp_path / "one.mat", "21jade950")
    assert found.shape == (2, 5, 5, 3)
    assert found[1, 3, 0, 0] == matrix[1, 3]  # the row runs fastest,
    assert found[1, 0, 2, 0] == matrix[1, 2 * 5]  # then the column,
    assert found[1, 0, 0, 2] == matrix[1, 2 * 25]  # then the colour
    np.testing.assert_array_equal(stretched(found), matrix)


@pytest.mark.parametrize("name", ["21jade950.mat", "aim_21jade950.mat"])
def test_a_folder_holds_either_name(tmp_path, monkeypatch, name):
    matrix = write_aim(tmp_path / name)
    monkeypatch.setenv("AIM_BASES", str(tmp_path))
    np.testing.assert_array_equal(stretched(find_aim_basis(None, "21jade950")), matrix)
    with pytest.raises(ConfigError, match=r"31jade950\.mat"):
        find_aim_basis(None, "31jade950")


def test_the_option_goes_before_the_variable(tmp_path, monkeypatch):
    write_aim(tmp_path / "one.mat")
    matrix = write_aim(tmp_path / "two.mat")
    monkeypatch.setenv("AIM_BASES", str(tmp_path / "one.mat"))
    np.testing.assert_array_equal(
        stretched(find_aim_basis(tmp_path / "two.mat", "21jade950")), matrix
    )


@pytest.mark.parametrize(
    ("find", "words"),
    [
        (lambda given: find_aim_basis(given, "21jade950"), ("AIM_BASES", "TsotsosLab/AIM")),
        (find_sun_statistics, ("SUN_STATS", "TsotsosLab/SMILER")),
    ],
)
def test_what_is_missing_is_asked_for_by_variable_file_and_source(tmp_path, find, words):
    for given in (None, tmp_path / "nothing.mat"):
        with pytest.raises(ConfigError) as caught:
            find(given)
        for word in (*words, ".mat"):
            assert word in str(caught.value)


@pytest.mark.parametrize("shape", [(2, 74), (2, 3 * 16), (0, 75), (2, 75, 1)])
def test_a_basis_of_another_shape_is_refused_by_name(tmp_path, shape):
    savemat(tmp_path / "odd.mat", {"B": np.ones(shape)})
    with pytest.raises(InputError, match=r"(?s)odd\.mat.*B has shape.*Fix"):
        find_aim_basis(tmp_path / "odd.mat", "21jade950")


@pytest.mark.parametrize("content", [b"", b"no file of MATLAB's", None])
def test_another_kind_of_file_is_refused_by_name(tmp_path, content):
    path = tmp_path / "odd.mat"
    if content is None:
        savemat(path, {"C": np.ones(3)})
    else:
        path.write_bytes(content)
    for find in (lambda given: find_aim_basis(given, "21jade950"), find_sun_statistics):
        with pytest.raises(InputError, match=r"(?s)odd\.mat.*Fix"):
            find(path)


def test_numbers_that_are_none_are_refused(tmp_path):
    savemat(tmp_path / "odd.mat", {"B": np.full((1, 75), np.nan)})
    with pytest.raises(InputError, match="not finite: B"):
        find_aim_basis(tmp_path / "odd.mat", "21jade950")


def test_sun_statistics(tmp_path):
    arrays = write_sun(tmp_path / "stats.mat")
    found = find_sun_statistics(tmp_path / "stats.mat")
    np.testing.assert_array_equal(stretched(found.filters), arrays["B1"])
    np.testing.assert_array_equal(found.sigmas, arrays["sigmas"][0])
    np.testing.assert_array_equal(found.thetas, arrays["thetas"][0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"thetas": None}, "missing thetas"),
        ({"B1": np.ones((4, 75))}, r"B1 \(4, 75\)"),
        ({"sigmas": np.ones((1, 3))}, r"sigmas \(1, 3\)"),
        ({"sigmas": np.zeros((1, 4))}, "above 0"),
    ],
)
def test_sun_statistics_that_do_not_fit_are_refused(tmp_path, changes, message):
    write_sun(tmp_path / "stats.mat", **changes)
    with pytest.raises(InputError, match=message):
        find_sun_statistics(tmp_path / "stats.mat")
