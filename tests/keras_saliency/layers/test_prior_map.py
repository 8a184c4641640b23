import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from keras_saliency.layers.prior_map import PriorMap


def test_an_offset_prior_in_theanos_alignment_by_hand():
    layer = PriorMap(factor=4)
    ones = np.ones((1, 4, 8, 1), dtype="float32")
    layer.build(ones.shape)
    layer.set_weights([np.array([[1, 0]], dtype="float32")])
    expected = np.tile([2, 2, 1.75, 1.5, 1.25, 1, 1, 1], (4, 1))
    np.testing.assert_allclose(np.asarray(layer(ones))[0, ..., 0], expected, atol=1e-6)


@pytest.mark.parametrize("mode", ["offset", "direct"])
def test_an_untrained_prior_changes_nothing(mode):
    values = np.random.default_rng(0).normal(size=(2, 20, 30, 3)).astype("float32")
    layer = PriorMap(mode=mode)
    np.testing.assert_array_equal(np.asarray(layer(values)), values)
    assert layer.prior.shape == (2, 3)
    assert float(sum(layer.losses)) == 0


def test_the_penalty_of_a_tenth_everywhere_is_a_hundredth():
    layer = PriorMap()
    layer.build((None, 60, 80, 1))
    assert layer.count_params() == 48
    layer.set_weights([np.full((6, 8), 0.1, dtype="float32")])
    assert float(sum(layer.losses)) == pytest.approx(0.01, rel=1e-5)
    layer(np.ones((1, 60, 80, 1), dtype="float32"))
    assert float(sum(layer.losses)) == pytest.approx(0.01, rel=1e-5)  # once, not once a call


def test_the_penalty_of_a_direct_prior_is_the_distance_from_one():
    layer = PriorMap(mode="direct", regularizer_scale=1.0)
    layer.build((None, 30, 40, 1))
    layer.set_weights([np.full((3, 4), 3.0, dtype="float32")])
    assert float(sum(layer.losses)) == pytest.approx(12 * 4.0)


def test_a_constant_direct_prior_scales_the_map():
    values = np.random.default_rng(1).normal(size=(1, 20, 20, 1)).astype("float32")
    layer = PriorMap(mode="direct", alignment="align_corners")
    layer.build(values.shape)
    layer.set_weights([np.full((2, 2), 2.0, dtype="float32")])
    np.testing.assert_allclose(np.asarray(layer(values)), 2 * values, rtol=1e-6)


def test_a_prior_serves_maps_of_another_size():
    layer = PriorMap(shape=(2, 3), alignment="align_corners")
    layer.build((None, None, None, 1))
    prior = np.arange(6, dtype="float32").reshape(2, 3)
    layer.set_weights([prior])
    got = np.asarray(layer(np.ones((1, 7, 11, 1), dtype="float32")))[0, ..., 0]
    expected = 1 + np.linspace(0, 3, 7)[:, None] + np.linspace(0, 2, 11)[None, :]
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_the_gradient_sums_the_pixels_of_a_cell(gradient):
    values = np.random.default_rng(2).normal(size=(2, 4, 6, 1)).astype("float32")
    layer = PriorMap(factor=2, alignment="nearest")
    to_values, to_prior = gradient(layer, (values,), np.ones_like(values))
    np.testing.assert_allclose(to_values, 1.0)
    expected = values.reshape(2, 2, 2, 3, 2).sum((0, 2, 4))
    np.testing.assert_allclose(to_prior, expected, atol=1e-5)


def test_an_unknown_size_asks_for_a_shape():
    with pytest.raises(ValueError, match=r"Pass shape=\(rows, columns\)"):
        PriorMap()(keras.Input((None, None, 1)))


def test_a_map_below_one_cell_is_refused():
    with pytest.raises(ValueError, match="at least one cell"):
        PriorMap()(np.zeros((1, 9, 40, 1), dtype="float32"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": "add"}, "found 'add'"),
        ({"regularizer_scale": "mean"}, "found 'mean'"),
        ({"alignment": "corners"}, "found 'corners'"),
    ],
)
def test_bad_arguments_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        PriorMap(**options)
