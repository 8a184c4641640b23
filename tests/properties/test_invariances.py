"""What every metric owes its users, on generated maps: invariances, bounds, perfect and chance
values.

Tolerances: exact kinds must agree to the last bit; sums over pixels may differ by rounding, 1e-9
relative to values of order one.
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from benchmark_kit.metrics import METRICS, auc, auc_judd, cc, ig, kl, nss, sauc, sim

SETTINGS = settings(max_examples=60, deadline=None)
SIZES = st.tuples(st.integers(2, 9), st.integers(2, 9))
EPS = 2.0**-52


@st.composite
def scenes(draw, dtype=np.float64):
    """A map, a density and points of one size."""
    size = draw(SIZES)
    if dtype == np.uint8:
        values = draw(hnp.arrays(np.uint8, size))
    else:
        elements = st.floats(0, 1000, allow_nan=False, width=32)
        values = draw(hnp.arrays(np.float64, size, elements=elements))
    density = draw(hnp.arrays(np.float64, size, elements=st.floats(0, 10, width=32)))
    n = draw(st.integers(1, 12))
    xs = draw(hnp.arrays(np.int64, n, elements=st.integers(0, size[1] - 1)))
    ys = draw(hnp.arrays(np.int64, n, elements=st.integers(0, size[0] - 1)))
    return values, density, np.stack([xs, ys], axis=1)


def spread(values):
    """Whether a map is neither constant nor flat to the last bits."""
    return values.max() - values.min() > 1e-3 * max(1.0, values.max())


@SETTINGS
@given(scenes(np.uint8))
def test_exact_auc_ignores_monotone_changes(scene):
    values, _, points = scene
    expected = auc(values, points)
    assert auc(values.astype(np.float64) ** 3, points) == expected
    assert auc(np.log1p(values.astype(np.float64)) - 9, points) == expected
    assert auc(values.astype(np.uint16) * 257, points) == expected


@SETTINGS
@given(scenes(np.uint8))
def test_turning_the_map_over_turns_exact_auc_over(scene):
    values, _, points = scene
    assert auc(255 - values, points) == pytest.approx(1 - auc(values, points), abs=1e-12)


@SETTINGS
@given(scenes(), st.floats(0.1, 50), st.floats(-30, 30))
def test_nss_and_cc_ignore_positive_affine_changes(scene, scale, shift):
    values, density, points = scene
    assume(spread(values) and spread(density))
    changed = values * scale + shift
    assume(spread(changed))
    assert nss(changed, points) == pytest.approx(nss(values, points), rel=1e-6, abs=1e-6)
    before = cc(values, density, constant=0.0)
    assert cc(changed, density, constant=0.0) == pytest.approx(before, abs=1e-6)


@SETTINGS
@given(scenes(), st.floats(0.1, 50))
def test_sim_and_kl_ignore_scale(scene, scale):
    values, density, _ = scene
    assume(spread(values) and spread(density))
    for form in (sim.in_dialect("tuebingen"), sim.in_dialect("mit"), kl.in_dialect("mit")):
        assert form(values * scale, density) == pytest.approx(form(values, density), abs=1e-9)


@SETTINGS
@given(scenes())
def test_symmetric_cases(scene):
    values, density, _ = scene
    assume(spread(values) and spread(density))
    assert cc(values, density, constant=0.0) == pytest.approx(
        cc(density, values, constant=0.0), abs=1e-9
    )
    form = sim.in_dialect("tuebingen")
    assert form(values, density) == pytest.approx(form(density, values), abs=1e-12)


@SETTINGS
@given(scenes())
def test_the_density_itself_is_a_perfect_map(scene):
    _, density, _ = scene
    assume(spread(density))
    assert cc(density, density, constant=0.0) == pytest.approx(1.0)
    assert sim.in_dialect("tuebingen")(density, density) == pytest.approx(1.0)
    assert kl.in_dialect("tuebingen")(density, density) == pytest.approx(0.0, abs=1e-9)


@SETTINGS
@given(scenes())
def test_bounds(scene):
    values, density, points = scene
    assume(spread(values) and spread(density))
    for name, function in METRICS.items():
        facts = function.facts
        if name in ("emd", "ig", "sauc", "auc_borji"):
            continue
        for dialect in ("tuebingen", "mit"):
            if name == "auc" and dialect == "mit":
                continue
            against = density if facts.needs == "density" else points
            value = function.in_dialect(dialect)(values, against)
            if np.isnan(value):
                continue
            assert facts.low is None or value >= facts.low - 1e-9
            assert facts.high is None or value <= facts.high + 1e-9


@SETTINGS
@given(scenes(np.uint8))
def test_gray_levels_and_floats_give_the_same_scores(scene):
    values, density, points = scene
    floats = values.astype(np.float64)
    assert auc(values, points) == auc(floats, points)
    assert sauc(values, points, points[::-1]) == sauc(floats, points, points[::-1])
    for one, other in (
        (nss(values, points), nss(floats, points)),
        (cc(values, density, constant=0.0), cc(floats, density, constant=0.0)),
        (
            sim.in_dialect("tuebingen")(values, density),
            sim.in_dialect("tuebingen")(floats, density),
        ),
        (kl.in_dialect("tuebingen")(values, density), kl.in_dialect("tuebingen")(floats, density)),
    ):
        assert one == pytest.approx(other, abs=1e-12, nan_ok=True)


@SETTINGS
@given(scenes())
def test_order_of_points_does_not_matter(scene):
    values, _, points = scene
    assert auc(values, points[::-1]) == auc(values, points)
    assert nss(values, points[::-1]) == pytest.approx(nss(values, points), abs=1e-12)
    judd = auc_judd(values, points, jitter="none")
    assert auc_judd(values, points[::-1], jitter="none") == pytest.approx(judd, nan_ok=True)


@SETTINGS
@given(scenes())
def test_a_map_gains_nothing_over_itself(scene):
    values, _, points = scene
    assume(spread(values))
    assert ig(values, points, values, form="map", eps=EPS) == 0.0


def test_noise_is_at_chance():
    rng = np.random.default_rng(0)
    values = rng.random((200, 300))
    points = np.stack([rng.integers(0, 300, 4000), rng.integers(0, 200, 4000)], axis=1)
    # the standard error of an area from n positives is about 1/sqrt(12 n) = 0.0046
    assert auc(values, points) == pytest.approx(0.5, abs=5 * 0.0046)
    assert nss(values, points) == pytest.approx(0.0, abs=5 / np.sqrt(4000))
