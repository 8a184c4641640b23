import numpy as np
import pytest

from benchmark_kit.metrics import auc_borji


def slow(values, fixated, draw, step):
    """The MATLAB code's loops over splits and thresholds."""
    scaled = (values - values.min()) / (values.max() - values.min())
    positives = scaled.ravel()[fixated]
    areas = []
    for split in draw.T:
        negatives = scaled.ravel()[split]
        top = max(positives.max(), negatives.max())
        thresholds = [k * step for k in range(round(top / step) + 2) if k * step <= top + 1e-12][
            ::-1
        ]
        tp = [(positives >= t).mean() for t in thresholds]
        fp = [(negatives >= t).mean() for t in thresholds]
        areas.append(np.trapezoid([0.0, *tp, 1.0], [0.0, *fp, 1.0]))
    return np.mean(areas)


def test_worked_example(tiny):
    form = auc_borji.in_dialect("mit")
    values = [form(tiny.map, tiny.points, seed=seed) for seed in range(200)]
    assert np.mean(values) == pytest.approx(0.7097, abs=4 * 0.0127 / np.sqrt(200) + 5e-4)


def test_equals_the_loops_for_a_given_draw():
    rng = np.random.default_rng(1)
    values = rng.random((11, 13))
    points = np.unique(np.stack([rng.integers(0, 13, 20), rng.integers(0, 11, 20)], axis=1), axis=0)
    draw = rng.integers(values.size, size=(len(points), 7))
    fixated = points[:, 1] * 13 + points[:, 0]
    ours = auc_borji(values, points, splits=7, step=0.1, colon="octave", draw=draw)
    assert ours == pytest.approx(slow(values, np.sort(fixated), draw, 0.1), abs=1e-12)


def test_one_fixation_and_constant_maps_are_nan(tiny):
    form = auc_borji.in_dialect("mit")
    assert np.isnan(form(tiny.map, [(1, 1), (1, 1)]))
    assert np.isnan(form(np.ones((3, 4)), tiny.points))
