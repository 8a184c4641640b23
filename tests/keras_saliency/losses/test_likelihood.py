import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.losses import LogLikelihood

LOGS = np.log(np.array([[0.1, 0.2], [0.3, 0.4]], "float32"))[None, ..., None]


def loss(counts, logs=LOGS):
    return float(np.asarray(LogLikelihood()(np.asarray(counts, "float32")[None, ..., None], logs)))


def test_the_docstrings_number():
    wanted = -(np.log(0.4 * 0.1) / 2 + np.log(4)) / np.log(2)
    assert loss([[1, 0], [0, 1]]) == pytest.approx(wanted, rel=1e-5)


def test_a_pixel_fixated_twice_counts_twice():
    wanted = -(2 * np.log2(0.4) + np.log2(0.1)) / 3 - 2
    assert loss([[1, 0], [0, 2]]) == pytest.approx(wanted, rel=1e-5)


def test_a_uniform_density_has_no_bits():
    uniform = np.full((1, 2, 2, 1), -np.log(4), "float32")
    assert loss([[1, 0], [3, 1]], uniform) == pytest.approx(0, abs=1e-6)


def test_an_image_without_fixations_adds_nothing_even_under_minus_infinity():
    assert loss([[0, 0], [0, 0]]) == 0
    logs = LOGS.copy()
    logs[0, 0, 1] = -np.inf
    assert np.isfinite(loss([[1, 0], [0, 1]], logs))


def test_the_difference_of_two_models_is_the_kits_information_gain():
    from benchmark_kit import metrics
    from benchmark_kit.types import Fixations

    rng = np.random.default_rng(0)
    a, b = (np.log(p / p.sum()) for p in rng.random((2, 6, 8)))
    counts = rng.integers(0, 3, (6, 8))
    rows, columns = np.nonzero(counts)
    repeats = counts[rows, columns]
    points = Fixations(np.repeat(columns, repeats), np.repeat(rows, repeats), (6, 8))
    wanted = metrics.ig(a, points, b, form="log density")
    found = loss(counts, b[None, ..., None]) - loss(counts, a[None, ..., None])
    assert found == pytest.approx(float(wanted), rel=1e-4)
