import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from keras_saliency.layers.gaussian_prior import GaussianPrior


def maps(values, rows, columns, **options):
    """The maps (rows, columns, count) of weights given as rows (mu_x, mu_y, sigma_x, sigma_y)."""
    values = np.atleast_2d(np.asarray(values, dtype="float32"))
    layer = GaussianPrior(len(values), **options)
    features = np.zeros((2, rows, columns, 3), dtype="float32")
    layer.build(features.shape)
    layer.set_weights([values.T.ravel()])
    got = np.asarray(layer(features))
    assert got.shape == (2, rows, columns, len(values))
    np.testing.assert_array_equal(got[0], got[1])
    return got[0]


def reference(values, rows, columns):
    """Density with its amplitude, divided by its maximum, in float64."""
    mu_x, mu_y, s_x, s_y = np.clip(values, (0.25, 0.35, 0.1, 0.2), (0.75, 0.65, 0.9, 0.8))
    e = rows / columns
    x = np.linspace(0, 1, columns)[None, :]
    y = np.linspace((1 - e) / 2, (1 + e) / 2, rows)[:, None]
    g = np.exp(-((x - mu_x) ** 2 / (2 * s_x**2 + 1e-7) + (y - mu_y) ** 2 / (2 * s_y**2 + 1e-7)))
    g /= 2 * np.pi * s_x * s_y + 1e-7
    return g / g.max()


def test_three_by_three_by_hand():
    expected = [
        [0.010956, 0.249352, 0.010956],
        [0.043937, 1, 0.043937],
        [0.010956, 0.249352, 0.010956],
    ]
    np.testing.assert_allclose(maps([0.5, 0.5, 0.2, 0.3], 3, 3)[..., 0], expected, atol=1e-6)


def test_rows_are_measured_in_widths():
    got = maps([0.5, 0.5, 0.25, 0.25], 3, 4)[..., 0]
    outer, middle = [0.054871, 0.324653, 0.324653, 0.054871], [0.169014, 1, 1, 0.169014]
    np.testing.assert_allclose(got, [outer, middle, outer], atol=1e-6)


def test_the_size_of_sam():
    got = maps([0.5, 0.5, 0.2, 0.3], 30, 40)[..., 0]
    assert got[0, 0] == pytest.approx(0.020176, abs=1e-6)
    assert got.sum() == pytest.approx(453.8160, abs=1e-3)


@pytest.mark.parametrize("size", [(7, 9), (9, 4), (1, 5), (6, 1), (1, 1)])
def test_every_size_agrees_with_the_normalised_density(size):
    rng = np.random.default_rng(0)
    values = np.stack([rng.uniform(0.2, 0.8, 4) * (1, 1, 0.5, 0.5) for _ in range(5)])
    got = maps(values, *size)
    for k, row in enumerate(values):
        np.testing.assert_allclose(got[..., k], reference(row, *size), atol=2e-5)
        assert got[..., k].max() == 1


def test_values_outside_are_clipped():
    np.testing.assert_array_equal(
        maps([0.0, 1.0, 5.0, 0.0], 5, 6), maps([0.25, 0.65, 0.9, 0.2], 5, 6)
    )


def test_the_start_is_that_of_the_released_code():
    keras.utils.set_random_seed(0)
    layer = GaussianPrior(20_000)
    layer.build((None, None, None, 1))
    means, sigmas = np.split(np.asarray(layer.get_weights()[0]), 2)
    assert layer.count_params() == 4 * 20_000
    assert means.min() >= 0.3
    assert means.max() <= 0.7
    assert sigmas.min() >= 0.05
    assert sigmas.max() <= 0.3
    assert means.mean() == pytest.approx(0.5, abs=0.02)
    # 60 % of sigma_y lie below 0.2, where the gradient is zero
    assert (sigmas[20_000:] < 0.2).mean() == pytest.approx(0.6, abs=0.02)


def test_a_clipped_value_learns_only_straight_through(gradient):
    weights = np.ones((1, 5, 6, 1), dtype="float32") * np.arange(6)[:, None].astype("float32")
    for mode, moves in (("clip", False), ("straight_through", True)):
        layer = GaussianPrior(1, gradient=mode)
        features = np.zeros((1, 5, 6, 1), dtype="float32")
        layer.build(features.shape)
        layer.set_weights([np.array([0.4, 0.1, 0.05, 0.3], dtype="float32")])
        got = gradient(layer, (features,), weights)[-1]
        assert got[0] != 0
        assert got[3] != 0
        assert (got[1] != 0) == moves
        assert (got[2] != 0) == moves


def test_the_gradient_is_that_of_finite_differences(gradient):
    weights = np.random.default_rng(3).normal(size=(1, 4, 6, 1)).astype("float32")
    start = np.array([0.45, 0.55, 0.3, 0.4])
    layer = GaussianPrior(1)
    features = np.zeros((1, 4, 6, 1), dtype="float32")
    layer.build(features.shape)
    layer.set_weights([start.astype("float32")])
    got = gradient(layer, (features,), weights)[-1]
    for k in range(4):
        step = 1e-5 * np.eye(4)[k]
        up, down = (reference(start + s, 4, 6) for s in (step, -step))
        slope = ((up - down) * weights[0, ..., 0]).sum() / 2e-5
        assert got[k] == pytest.approx(slope, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize(
    ("options", "words"), [({"count": 0}, "found 0"), ({"gradient": "none"}, "found 'none'")]
)
def test_bad_arguments_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        GaussianPrior(**options)
