import numpy as np
import pytest

from benchmark_kit.metrics import nss


def test_worked_example(tiny):
    assert nss(tiny.map, tiny.points) == pytest.approx(0.760656154893826, abs=1e-14)
    assert nss.in_dialect("mit")(tiny.map, tiny.points) == pytest.approx(
        0.728272822377053, abs=1e-14
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_equals_the_formula(noisy, dtype):
    x, y = noisy.points.T
    values = noisy.eight_bit.astype(float)
    expected = ((values[y, x] - values.mean()) / values.std()).mean()
    assert nss(noisy.eight_bit.astype(dtype), noisy.points) == pytest.approx(expected, abs=1e-12)


def test_repeats_count_in_tuebingen_and_collapse_in_mit(noisy):
    once = np.unique(noisy.points, axis=0)
    assert nss(noisy.eight_bit, noisy.points) != pytest.approx(nss(noisy.eight_bit, once))
    form = nss.in_dialect("mit")
    assert form(noisy.eight_bit, noisy.points) == form(noisy.eight_bit, once)


@pytest.mark.parametrize("value", [0.0, 0.37, 255.0])
def test_constant_map_is_told_by_its_extremes_not_by_rounding(value):
    flat = np.full((31, 17), value)
    assert nss(flat, [(3, 3)]) == 0.0
    assert np.isnan(nss.in_dialect("mit")(flat, [(3, 3)]))
    assert np.isnan(nss(np.ones((3, 3)), []))
