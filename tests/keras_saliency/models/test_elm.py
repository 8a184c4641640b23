"""Extreme learning machines: scaling, both sides of the ridge solution, retrieval."""

import numpy as np
import pytest

from keras_saliency.models._elm import hidden, nearest, random_layer, scaled, solve


def test_features_go_from_minus_one_to_one_and_beyond():
    rows = np.array([[0.0, 5.0], [10.0, 5.0], [15.0, 7.0]])
    found = scaled(rows, np.array([0.0, 5.0]), np.array([10.0, 5.0]))
    np.testing.assert_allclose(found, [[-1, 0], [1, 0], [2, 0]])


def test_activations_by_hand():
    found = hidden(
        np.array([[1.0, -2.0]]), np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([0.5, 0.0])
    )
    np.testing.assert_allclose(found, [[0.5, 1 / (1 + np.exp(-1))]])


def test_the_hidden_layer_is_the_same_for_a_seed():
    weights, biases = random_layer(200, 30, seed=4)
    assert weights.shape == (200, 30)
    assert -1 <= weights.min() < -0.99
    assert 0.99 < weights.max() <= 1
    assert 0 <= biases.min() < 0.05
    assert 0.95 < biases.max() <= 1
    np.testing.assert_array_equal(random_layer(200, 30, seed=4)[0], weights)
    assert (random_layer(200, 30, seed=5)[0] != weights).all()


@pytest.mark.parametrize("shape", [(30, 6), (6, 30)])
def test_the_ridge_solution_is_where_its_gradient_is_zero(shape):
    rng = np.random.default_rng(0)
    activations, targets = rng.random(shape), rng.random((shape[0], 2))
    found = solve(activations, targets, strength=3.0)
    slope = activations.T @ (activations @ found - targets) + found / 3
    np.testing.assert_allclose(slope, 0, atol=1e-10)
    limit = solve(activations, targets, strength=1e9)
    np.testing.assert_allclose(limit, solve(activations, targets), rtol=1e-4, atol=1e-5)


def test_equally_near_ones_keep_their_order():
    gallery = np.array([[3.0, 0], [0, 1], [1, 0], [0, -1]])
    order, distances = nearest(gallery, np.zeros(2))
    np.testing.assert_array_equal(order, [1, 2, 3, 0])
    np.testing.assert_allclose(distances, [3, 1, 1, 1])
