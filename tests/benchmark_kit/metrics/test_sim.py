import numpy as np
import pytest

from benchmark_kit.metrics import sim


def test_worked_example(tiny):
    assert sim.in_dialect("tuebingen")(tiny.map, tiny.density) == pytest.approx(0.8202494497432137)
    assert sim.in_dialect("mit")(tiny.map, tiny.density) == pytest.approx(0.769657724329325)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("eight_bit_density", [False, True])
def test_equals_the_formulas(noisy, dtype, eight_bit_density):
    density = noisy.eight_bit_density if eight_bit_density else noisy.density
    s, d = noisy.eight_bit.astype(float), density.astype(float)
    expected = np.minimum(s / s.sum(), d / d.sum()).sum()
    saliency = noisy.eight_bit.astype(dtype)
    assert sim.in_dialect("tuebingen")(saliency, density) == pytest.approx(expected, abs=1e-12)
    s, d = s - s.min(), d - d.min()
    expected = np.minimum(s / s.sum(), d / d.sum()).sum()
    assert sim.in_dialect("mit")(saliency, density) == pytest.approx(expected, abs=1e-12)


def test_constant_and_negative_maps(tiny):
    flat = np.full((3, 4), 5.0)
    uniform = np.minimum(1 / 12, tiny.density / tiny.density.sum()).sum()
    assert sim.in_dialect("tuebingen")(flat, tiny.density) == pytest.approx(uniform)
    assert sim.in_dialect("tuebingen")(0 * flat, tiny.density) == pytest.approx(uniform)
    assert np.isnan(sim.in_dialect("mit")(flat, tiny.density))
    assert sim.in_dialect("mit")(0 * flat, tiny.density) == 0.0
    shifted = sim.in_dialect("tuebingen")(tiny.map - 0.5, tiny.density)
    assert shifted == pytest.approx(
        sim.in_dialect("tuebingen")(tiny.map - tiny.map.min(), tiny.density)
    )


def test_unknown_rule(tiny):
    with pytest.raises(ValueError, match="unknown rule"):
        sim(tiny.map, tiny.density, rule="max")
