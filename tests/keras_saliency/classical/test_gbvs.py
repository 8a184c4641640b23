import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.min_max import min_max
from keras_saliency import build_model
from keras_saliency.classical._filters import gaussian_blur
from keras_saliency.classical.gbvs import activation

MODEL = build_model("gbvs_srgb")


def spot(y=60, x=150, size=(144, 192)):
    rng = np.random.default_rng(0)
    picture = np.clip(rng.normal(128, 4, (*size, 3)), 0, 255).astype(np.uint8)
    picture[y - 8 : y + 8, x - 8 : x + 8] = (220, 60, 40)
    return picture


def slow_activation(values, iterations=4000):
    """Equilibrium of the walk, by eigenvectors; pixels in another order than ours."""
    height, width = values.shape
    sigma = 0.15 * (height + width) / 2
    cells = [(y, x) for x in range(width) for y in range(height)]
    steps = np.array(
        [
            [
                abs(values[a] - values[b])
                * np.exp(-((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) / (2 * sigma**2))
                for a in cells
            ]
            for b in cells
        ]
    )
    steps /= steps.sum(axis=0)
    eigenvalues, vectors = np.linalg.eig(steps)
    equilibrium = vectors[:, eigenvalues.real.argmax()].real
    return (equilibrium / equilibrium.sum()).reshape(width, height).T


def test_activation_is_the_equilibrium_of_the_walk():
    values = np.random.default_rng(0).random((5, 7))
    # the walk stops at changes of 1e-4
    np.testing.assert_allclose(activation(values), slow_activation(values), atol=3e-4, rtol=0)


def test_a_map_of_two_values_ends_with_half_the_walk_on_each():
    values = np.zeros((6, 8))
    values[2, 5] = 1  # every step leads there or away from there
    found = activation(values)
    assert found[2, 5] == pytest.approx(0.5, rel=1e-12)
    assert found.sum() == pytest.approx(1, rel=1e-12)


def test_activation_sums_to_one_and_marks_the_odd_pixel():
    values = np.random.default_rng(0).normal(0, 0.05, (24, 32))
    values[7, 20] = 1
    found = activation(values)
    assert found.sum() == pytest.approx(1, rel=1e-12)
    assert np.unravel_index(found.argmax(), found.shape) == (7, 20)


def test_activation_ignores_scale_offset_and_sign():
    values = np.random.default_rng(0).random((12, 16))
    found = activation(values)
    for other in (5 * values, values + 3, -values):
        np.testing.assert_allclose(activation(other), found, rtol=1e-6)


def test_a_flat_map_is_uniform():
    np.testing.assert_array_equal(activation(np.full((4, 5), 0.7)), np.full((4, 5), 1 / 20))


def test_a_spot_stands_out():
    found = MODEL.predict_map(spot())
    y, x = np.unravel_index(found.argmax(), found.shape)
    assert np.hypot(y - 60, x - 150) < 12


def test_maps_reach_from_0_to_1():
    found = MODEL.predict_map(spot())
    assert (found.min(), found.max()) == (0, 1)


def test_a_mirrored_picture_of_even_size_gives_the_mirrored_map():
    picture = spot(size=(128, 192))
    found = MODEL.predict_map(picture)
    # the pyramid's six taps are symmetric for even sides but the borders are not: 10 10 5 1
    # at the start against 1 5 10 10 at the end are, so that only rounding differs
    np.testing.assert_allclose(MODEL.predict_map(picture[:, ::-1]), found[:, ::-1], atol=2e-3)


def test_the_blur_is_a_share_of_the_longer_side():
    picture = spot()
    rough = build_model("gbvs_srgb", blurfrac=0).master(picture)
    expected = min_max(gaussian_blur(rough, 0.02 * 32, 1, "replicate"))  # cut at 2 sigma
    np.testing.assert_allclose(MODEL.master(picture), expected, atol=1e-12)


def test_srgb_is_gbvs_with_another_colour_channel(tmp_path):
    path = tmp_path / "dkl.npz"
    np.savez(
        path,
        lut_rgb=np.tile(np.linspace(0, 1, 256)[:, None], (1, 3)),
        rgb_to_lms=np.eye(3),
        lms0=np.zeros(3),
        lms_to_dkl=np.eye(3),
        dkl_scale=np.ones(3),
    )
    picture = spot()
    both = build_model("gbvs", dkl=path, channels="CIO").predict_map(picture)
    np.testing.assert_array_equal(both, MODEL.predict_map(picture))
    assert set(build_model("gbvs", dkl=path).conspicuity(picture)) == set("DIO")


@pytest.mark.parametrize(
    ("options", "says"),
    [({"channels": "DIO"}, "gbvs"), ({"channels": "Q"}, "CDIO"), ({"blurfrac": -1}, "blurfrac")],
)
def test_options_that_make_no_sense(options, says):
    with pytest.raises(ConfigError, match=says):
        build_model("gbvs_srgb", **options)


def test_the_inverse_centre_bias_is_looked_for_beside_the_table(tmp_path):
    np.savez(
        tmp_path / "dkl.npz",
        lut_rgb=np.zeros((256, 3)),
        rgb_to_lms=np.eye(3),
        lms0=np.zeros(3),
        lms_to_dkl=np.eye(3),
        dkl_scale=np.ones(3),
    )
    given = {"dkl": tmp_path / "dkl.npz", "channels": "CIO"}
    with pytest.raises(ConfigError, match=r"gbvs_inv_center_bias\.npz"):
        build_model("gbvs", unCenterBias=True, **given)
    bias = tmp_path / "gbvs_inv_center_bias.npz"
    np.savez(bias, inv_center_bias=np.zeros(3))
    with pytest.raises(InputError, match=r"inv_center_bias.*\(3,\)"):
        build_model("gbvs", unCenterBias=True, **given)
    ramp = np.tile(np.linspace(0, 1, 32), (24, 1))
    np.savez(bias, inv_center_bias=ramp)
    plain = build_model("gbvs", **given).master(spot())
    found = build_model("gbvs", unCenterBias=True, **given).master(spot())
    expected = plain * (0.5 + 0.5 * ramp)
    expected = (expected - expected.min()) / np.ptp(expected)
    np.testing.assert_allclose(found, expected, atol=1e-12)
