import numpy as np
import pytest

from benchmark_kit.metrics import ig


def test_worked_example(tiny):
    ours = ig.in_dialect("mit")(tiny.map, tiny.points, tiny.baseline)
    assert ours == pytest.approx(12.110855672765361, abs=1e-9)


def test_log_densities_gain_over_uniform_and_each_other(tiny):
    log_p = np.log(tiny.density / tiny.density.sum())
    log_b = np.log(tiny.baseline / tiny.baseline.sum())
    x, y = tiny.points.T
    expected = ((log_p - log_b)[y, x] / np.log(2)).mean()
    assert ig(log_p, tiny.points, log_b, form="log density") == pytest.approx(expected)
    expected = (log_p[y, x] / np.log(2)).mean() + np.log2(12)
    assert ig(log_p, tiny.points, "uniform", form="log density") == pytest.approx(expected)


def test_map_form_divides_by_the_sum(tiny):
    p, b = tiny.map / tiny.map.sum(), tiny.baseline / tiny.baseline.sum()
    x, y = tiny.points.T
    expected = (np.log2(p + 2.0**-52) - np.log2(b + 2.0**-52))[y, x].mean()
    assert ig(tiny.map, tiny.points, tiny.baseline, form="map", eps=2.0**-52) == pytest.approx(
        expected
    )


def test_a_model_equal_to_the_baseline_gains_nothing(tiny):
    assert ig(tiny.map, tiny.points, tiny.map, form="map", eps=2.0**-52) == 0.0


def test_edges(tiny):
    assert np.isnan(ig.in_dialect("mit")(np.ones((3, 4)), tiny.points, tiny.baseline))
    assert np.isnan(ig(tiny.map, [], tiny.baseline, form="map", eps=2.0**-52))
    with pytest.raises(ValueError, match="uniform"):
        ig(tiny.map, tiny.points, "centre", form="map", eps=2.0**-52)
    with pytest.raises(ValueError, match="shape"):
        ig(tiny.map, tiny.points, tiny.baseline.T, form="map", eps=2.0**-52)
