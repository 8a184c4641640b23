import numpy as np
import pytest

from benchmark_kit.metrics import cc
from benchmark_kit.types import Fixations


def test_worked_example(tiny):
    for dialect in ("tuebingen", "mit", "salicon2015"):
        assert cc.in_dialect(dialect)(tiny.map, tiny.density) == pytest.approx(0.8685553436628811)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("eight_bit_density", [False, True])
def test_equals_numpy(noisy, dtype, eight_bit_density):
    density = noisy.eight_bit_density if eight_bit_density else noisy.density
    expected = np.corrcoef(noisy.eight_bit.ravel(), density.ravel())[0, 1]
    ours = cc(noisy.eight_bit.astype(dtype), density, constant=0.0)
    assert ours == pytest.approx(expected, abs=1e-12)


def test_constant_sides(tiny):
    flat = np.full((3, 4), 0.37)
    assert cc.in_dialect("tuebingen")(flat, tiny.density) == 0.0
    assert np.isnan(cc.in_dialect("mit")(flat, tiny.density))
    assert np.isnan(cc.in_dialect("tuebingen")(tiny.map, flat))
    assert np.isnan(cc.in_dialect("tuebingen")(flat, flat))


def test_points_and_other_sizes_are_refused(tiny):
    with pytest.raises(TypeError, match="got Fixations"):
        cc(tiny.map, Fixations(np.array([1.0]), np.array([1.0]), (3, 4)), constant=0.0)
    with pytest.raises(ValueError, match="shape"):
        cc(tiny.map, tiny.density.T, constant=0.0)
