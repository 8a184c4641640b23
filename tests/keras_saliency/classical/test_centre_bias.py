import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.types import Fixations, GroundTruth
from keras_saliency import build_model, load_model
from keras_saliency.base.array_file import read_arrays, write_arrays
from keras_saliency.base.centre_bias import fit_centre_bias


def picture(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_the_gaussian_by_hand():
    found = build_model("centre_bias").predict_map(picture(3, 5))
    assert found[1, 2] == 1
    # one row up: 1 / (3 / 4); two columns left: 2 / (5 / 4)
    assert found[0, 2] == pytest.approx(np.exp(-((4 / 3) ** 2) / 2), rel=1e-14)
    assert found[1, 0] == pytest.approx(np.exp(-((8 / 5) ** 2) / 2), rel=1e-14)
    assert found[0, 0] == pytest.approx(found[0, 2] * found[1, 0], rel=1e-14)


def test_the_gaussian_scales_with_the_picture():
    wide = build_model("centre_bias", s=0.1).predict_map(picture(40, 80))
    np.testing.assert_allclose(wide[:, 9::20], wide[:, 70:9:-20], rtol=1e-12)
    tall = build_model("centre_bias", s=0.1).predict_map(picture(80, 40))
    np.testing.assert_allclose(tall.T, wide, rtol=1e-12)


@pytest.mark.parametrize("size", [(48, 64), (1, 1), (1, 9), (131, 90)])
def test_the_density_sums_to_one_and_follows_the_map(size):
    model = build_model("centre_bias")
    density = np.exp(model.predict_log_density(picture(*size)))
    assert abs(density.sum() - 1) < 1e-12
    saliency = model.predict_map(picture(*size))
    np.testing.assert_allclose(density / density.max(), saliency / saliency.max(), rtol=1e-12)


def test_a_fitted_bias_takes_the_gaussians_place():
    rng = np.random.default_rng(3)
    size = (60, 80)
    truths = [
        GroundTruth(str(k), size, Fixations(rng.uniform(0, 20, 30), rng.uniform(0, 20, 30), size))
        for k in range(3)
    ]
    bias = fit_centre_bias(truths, bandwidth=0.05, uniform=0.01)
    model = build_model("centre_bias", fitted=bias)
    np.testing.assert_array_equal(model.predict_log_density(picture(*size)), bias.log_density(size))
    saliency = model.predict_map(picture(*size))
    assert saliency.max() == 1
    row, column = np.unravel_index(saliency.argmax(), size)
    assert row < 25
    assert column < 25


@pytest.mark.parametrize("s", [0, -1, np.inf, np.nan])
def test_a_width_that_is_none_is_refused(s):
    with pytest.raises(ConfigError, match="above 0"):
        build_model("centre_bias", s=s)


def test_a_missing_file_is_named(tmp_path):
    model = build_model("centre_bias", fitted=tmp_path / "none.npy")
    with pytest.raises(ConfigError, match=r"none\.npy"):
        model.predict_map(picture(4, 4))


def test_what_it_learned_is_saved_and_read(tmp_path, folder_set):
    model = build_model("centre_bias")
    with pytest.raises(ConfigError, match="learned nothing yet"):
        model.save(tmp_path / "bias.npz")
    model.fit(folder_set.truths()).save(tmp_path / "bias.npz")
    wanted = model.predict_map(picture(30, 40))
    for again in (
        load_model(tmp_path / "bias.npz"),
        build_model("centre_bias", fitted=tmp_path / "bias.npz"),
    ):
        np.testing.assert_array_equal(again.predict_map(picture(30, 40)), wanted)


@pytest.mark.parametrize(
    "spoil",
    [
        {"model": np.array("judd")},
        {"x": np.zeros(3)},
        {"y": np.array([np.nan])},
        {"bandwidth": np.array(-1.0)},
        {"dialect": np.array("odd")},
    ],
    ids=str,
)
def test_a_file_that_is_no_centre_bias_is_refused(tmp_path, folder_set, spoil):
    path = tmp_path / "bias.npz"
    build_model("centre_bias").fit(folder_set.truths()).save(path)
    write_arrays(path, {**read_arrays(path), **spoil})
    with pytest.raises(InputError, match=r"bias\.npz"):
        build_model("centre_bias", fitted=path)
