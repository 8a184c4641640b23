import numpy as np
import pytest

from benchmark_kit.metrics import kl


def formula(saliency, density, eps):
    p, q = saliency / saliency.sum(), density / density.sum()
    return (q * np.log(eps + q / (p + eps))).sum()


def test_worked_example(tiny):
    assert kl.in_dialect("tuebingen")(tiny.map, tiny.density) == pytest.approx(
        2.313424497763555, abs=1e-12
    )
    assert kl.in_dialect("mit")(tiny.map, tiny.density) == pytest.approx(
        2.313423067490885, abs=1e-12
    )
    other = kl(tiny.map, tiny.density, eps=0.0, rule="shifted sum", added=1e-20)
    assert other == pytest.approx(3.110361755730872, abs=1e-9)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("eight_bit_density", [False, True])
@pytest.mark.parametrize(("dialect", "eps"), [("tuebingen", 2.2204e-16), ("mit", 2.0**-52)])
def test_equals_the_formula(noisy, dtype, eight_bit_density, dialect, eps):
    density = noisy.eight_bit_density if eight_bit_density else noisy.density
    expected = formula(noisy.eight_bit.astype(float), density.astype(float), eps)
    ours = kl.in_dialect(dialect)(noisy.eight_bit.astype(dtype), density)
    assert ours == pytest.approx(expected, abs=1e-11)


def test_all_zero_map_has_the_largest_value(tiny):
    q = tiny.density / tiny.density.sum()
    expected = -np.log(2.0**-52) + (q * np.log(q)).sum()
    assert kl.in_dialect("mit")(np.zeros((3, 4)), tiny.density) == pytest.approx(expected)
    uniform = formula(np.ones((3, 4)), tiny.density, 2.2204e-16)
    assert kl.in_dialect("tuebingen")(np.zeros((3, 4)), tiny.density) == pytest.approx(uniform)


def test_mit_refuses_a_negative_map_under_the_density(tiny):
    with pytest.raises(ValueError, match="subtract the minimum"):
        kl.in_dialect("mit")(tiny.map - 0.5, tiny.density)
    elsewhere = tiny.density.copy()
    elsewhere[1, 0] = 0
    overshoot = tiny.map.copy()
    overshoot[1, 0] = -0.01
    assert np.isfinite(kl.in_dialect("mit")(overshoot, elsewhere))


def test_ringing_of_the_density_counts_as_zero(tiny):
    ringing = tiny.density.copy()
    ringing[0, 0] = -1e-3
    clipped = np.maximum(ringing, 0)
    form = kl.in_dialect("mit")
    assert form(tiny.map, ringing) == pytest.approx(form(tiny.map, clipped))
