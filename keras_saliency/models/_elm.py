"""Extreme learning machines, and the retrieval that chooses among them.

A machine is a hidden layer of random weights, which never change, and output weights that are the
least-squares solution. Everything is float64.
"""

from __future__ import annotations

import numpy as np


def random_layer(units: int, inputs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Hidden weights (units, inputs), uniform in -1..1, and biases (units,), uniform in 0..1."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (units, inputs)), rng.uniform(0, 1, units)


def scaled(rows: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Features (n, inputs) with `low` at -1 and `high` at 1; those without a range become 0.

    Values outside low..high stay outside -1..1.
    """
    span = np.where(high > low, high - low, 1.0)
    return np.where(high > low, 2 * (rows - low) / span - 1, 0.0)


def hidden(rows: np.ndarray, weights: np.ndarray, biases: np.ndarray) -> np.ndarray:
    """Activations (n, units): the logistic function of rows @ weights.T + biases."""
    from scipy.special import expit

    return expit(rows @ weights.T + biases)


def solve(
    activations: np.ndarray, targets: np.ndarray, strength: float | None = None
) -> np.ndarray:
    """Output weights (units, outputs).

    Args:
        activations: (n, units).
        targets: (n, outputs).
        strength: C of the ridge solution (H'H + I/C)^-1 H'Y, computed on the smaller side; None:
            the Moore-Penrose inverse, the limit of a large C.
    """
    if strength is None:
        return np.linalg.pinv(activations) @ targets
    n, units = activations.shape
    if units <= n:
        gram = activations.T @ activations + np.eye(units) / strength
        return np.linalg.solve(gram, activations.T @ targets)
    gram = activations @ activations.T + np.eye(n) / strength
    return activations.T @ np.linalg.solve(gram, targets)


def nearest(gallery: np.ndarray, query: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a gallery by their Euclidean distance from a query, equal ones in their order.

    Args:
        gallery: (images, channels).
        query: (channels,).

    Returns:
        numbers of the rows, nearest first, and the distances of all rows in the gallery's order.
    """
    distances = np.linalg.norm(gallery - query, axis=1)
    return np.argsort(distances, kind="stable"), distances
