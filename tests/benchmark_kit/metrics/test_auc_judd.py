import numpy as np
import pytest

from benchmark_kit.metrics import auc_judd


def slow(values, fixated):
    """The MATLAB code's loop, one threshold a fixation."""
    scaled = (values - values.min()) / (values.max() - values.min())
    n, total = len(fixated), values.size
    tp, fp = [0.0], [0.0]
    for rank, threshold in enumerate(sorted(scaled.ravel()[fixated], reverse=True), start=1):
        above = int((scaled >= threshold).sum())
        tp.append(rank / n)
        fp.append((above - rank) / (total - n))
    return np.trapezoid([*tp, 1.0], [*fp, 1.0])


def test_worked_example(tiny):
    assert auc_judd(tiny.map, tiny.points, jitter="none") == 0.828125
    assert auc_judd.in_dialect("tuebingen")(tiny.map, tiny.points) == pytest.approx(0.84375)
    jittered = [auc_judd.in_dialect("mit")(tiny.map, tiny.points, seed=s) for s in range(200)]
    assert np.mean(jittered) == pytest.approx(0.868, abs=0.01)


def test_equals_the_loop_with_ties(noisy):
    points = np.unique(noisy.points, axis=0)
    x, y = points.T
    expected = slow(noisy.eight_bit.astype(float), y * 53 + x)
    assert auc_judd(noisy.eight_bit, noisy.points, jitter="none") == pytest.approx(
        expected, abs=1e-14
    )


def test_constant_map_and_full_coverage_are_nan():
    assert np.isnan(auc_judd(np.full((3, 4), 2.0), [(1, 1)], jitter="none"))
    everywhere = [(x, y) for x in range(3) for y in range(2)]
    assert np.isnan(auc_judd(np.arange(6.0).reshape(2, 3), everywhere, jitter="none"))
    assert np.isnan(auc_judd(np.arange(6.0).reshape(2, 3), [], jitter="none"))
