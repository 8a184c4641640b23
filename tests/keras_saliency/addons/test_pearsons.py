import numpy as np
import pytest

pytest.importorskip("keras")
import keras

from keras_saliency.addons.pearsons import PearsonsCorrelation

RNG = np.random.default_rng(3)
A = RNG.uniform(-0.2, 1.2, 300)
B = 0.6 * A + RNG.normal(0, 0.3, 300)


def binned(values, low, high, cutpoints):
    """The middles of the bins, by the width of a bin."""
    width = (high - low) / (cutpoints - 1)
    bins = np.floor((values - low) / width).clip(0, cutpoints - 2)
    return low + (bins + 0.5) * width


@pytest.mark.parametrize("updates", [1, 3, 300])
def test_it_is_the_correlation_of_the_middles_of_bins_over_all_updates(updates):
    metric = PearsonsCorrelation(-0.1, 1.1, 0, 0.9, 25, 12)
    for a, b in zip(np.split(A, updates), np.split(B, updates), strict=True):
        metric.update_state(a, b)
    expected = np.corrcoef(binned(A, -0.1, 1.1, 25), binned(B, 0, 0.9, 12))[0, 1]
    assert float(metric.result()) == pytest.approx(expected, abs=1e-5)


def test_three_pairs_by_hand():
    metric = PearsonsCorrelation()
    metric.update_state(np.array([0, 0, 1.0]), np.array([0, 1, 1.0]))
    assert float(metric.result()) == pytest.approx(0.5, abs=1e-6)


def test_a_large_common_offset_does_not_cancel():
    metric = PearsonsCorrelation(1000, 1001, 1000, 1001, 1001, 1001)
    for a, b in zip(np.split(A.clip(0, 1), 10), np.split(B.clip(0, 1), 10), strict=True):
        metric.update_state(a + 1000, b + 1000)
    expected = np.corrcoef(A.clip(0, 1), B.clip(0, 1))[0, 1]
    assert float(metric.result()) == pytest.approx(expected, abs=2e-3)


def test_reset_forgets():
    metric = PearsonsCorrelation()
    metric.update_state(A, -A)
    metric.reset_state()
    metric.update_state(A[:50], A[:50])
    assert float(metric.result()) == pytest.approx(1, abs=1e-5)


def test_without_spread_it_is_nan():
    metric = PearsonsCorrelation()
    assert np.isnan(float(metric.result()))
    metric.update_state(np.zeros(3), np.arange(3) / 3)
    assert np.isnan(float(metric.result()))


def test_config_round_trip():
    metric = PearsonsCorrelation(0, 2, -1, 1, 5, 6, name="p")
    again = keras.metrics.deserialize(keras.metrics.serialize(metric))
    assert again.get_config() == metric.get_config()


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="found 1 to 0 with 100"):
        PearsonsCorrelation(1, 0)
    with pytest.raises(ValueError, match="sample_weight must be None"):
        PearsonsCorrelation().update_state(A, B, sample_weight=A)
