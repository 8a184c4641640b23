"""Metrics that promise invariance keep it over the whole range of a map's type.

Powers of two and shifts by whole numbers are exact, so that nothing but the formulas is tried.
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from benchmark_kit.metrics import METRICS, auc, cc, ig, nss, sauc

SETTINGS = settings(max_examples=40, deadline=None)
SIZES = st.tuples(st.integers(2, 8), st.integers(2, 8))
EXPONENTS = st.integers(-1000, 1000)
SCALED = [
    *(("nss", name) for name in ("tuebingen", "mit")),
    *(("cc", name) for name in ("tuebingen", "mit", "salicon2015")),
    *((metric, name) for metric in ("sim", "kl") for name in ("tuebingen", "mit")),
    *(("ig", name) for name in ("tuebingen", "mit")),
    *(("sauc", name) for name in ("tuebingen", "mit", "salicon2015", "salicon2017")),
    *(("auc", name) for name in ("tuebingen", "salicon2015")),
    ("auc_borji", "mit"),
]


@st.composite
def scenes(draw):
    """A map of whole numbers, a density likewise, and points."""
    size = draw(SIZES)
    values = draw(hnp.arrays(np.int64, size, elements=st.integers(0, 1000))).astype(float)
    density = draw(hnp.arrays(np.int64, size, elements=st.integers(0, 1000))).astype(float)
    assume(np.ptp(values) > 0 and np.ptp(density) > 0)
    n = draw(st.integers(2, 10))
    xs = draw(hnp.arrays(np.int64, n, elements=st.integers(0, size[1] - 1)))
    ys = draw(hnp.arrays(np.int64, n, elements=st.integers(0, size[0] - 1)))
    return values, density, np.stack([xs, ys], axis=1)


def score(name, dialect, saliency, density, points):
    form = METRICS[name].in_dialect(dialect)
    if METRICS[name].facts.needs == "density":
        return form(saliency, density)
    if name == "ig":
        return form(saliency, points, density)
    return form(saliency, points, points[::-1]) if name == "sauc" else form(saliency, points)


@SETTINGS
@given(scenes(), EXPONENTS, st.integers(-1000, 1000))
def test_a_power_of_two_changes_nothing(scene, one, other):
    values, density, points = scene
    for name, dialect in SCALED:
        before = score(name, dialect, values, density, points)
        after = score(name, dialect, np.ldexp(values, one), np.ldexp(density, other), points)
        assert after == pytest.approx(before, rel=1e-12, abs=1e-12, nan_ok=True), (name, dialect)


@SETTINGS
@given(scenes(), st.floats(-300, 300), st.floats(1, 10))
def test_nor_does_any_other_factor(scene, exponent, factor):
    values, density, points = scene
    scale = factor * 10.0**exponent
    for name, dialect in SCALED:
        if name == "sauc" or name.startswith("auc"):
            continue  # rounding may break or make ties
        before = score(name, dialect, values, density, points)
        after = score(name, dialect, values * scale, density, points)
        assert after == pytest.approx(before, rel=1e-9, abs=1e-9, nan_ok=True), (name, dialect)


@SETTINGS
@given(scenes(), st.integers(-(2**42), 2**42), st.sampled_from([1.0, -1.0]))
def test_a_shift_of_any_size_changes_neither_nss_nor_cc(scene, shift, sign):
    values, density, points = scene
    moved = sign * values + float(shift)
    assert nss(moved, points) == pytest.approx(sign * nss(values, points), rel=1e-9, abs=1e-9)
    before = cc(values, density, constant=0.0)
    assert cc(moved, density, constant=0.0) == pytest.approx(sign * before, rel=1e-9, abs=1e-9)
    both = cc(moved, density + abs(float(shift)), constant=0.0)
    assert both == pytest.approx(sign * before, rel=1e-9, abs=1e-9)
    gray = np.clip(values, 0, 255).astype(np.uint8)
    assume(np.ptp(gray) > 0)
    lifted = cc(gray, density + abs(float(shift)), constant=0.0)
    assert lifted == pytest.approx(cc(gray, density, constant=0.0), rel=1e-9, abs=1e-9)


@SETTINGS
@given(scenes())
def test_the_smallest_numbers_there_are_are_numbers(scene):
    values, density, points = scene
    tiny = values * np.finfo(np.float64).smallest_subnormal
    for name, dialect in SCALED:
        before = score(name, dialect, values, density, points)
        after = score(name, dialect, tiny, density, points)
        assert after == pytest.approx(before, rel=1e-12, abs=1e-12, nan_ok=True), (name, dialect)


@SETTINGS
@given(scenes(), st.sampled_from(["float16", "float32", "float64"]))
def test_a_map_may_fill_the_range_of_its_type(scene, kind):
    values, density, points = scene
    # 0..1000 as -1..1 times the highest power of two that there is, exactly
    top = 2.0 ** (np.finfo(kind).maxexp - 1)
    for low in (0.0, -512.0):
        plain = values + low
        full = (plain / 1024 * 2).clip(-1, 1) * top
        plain = full / top
        assume(np.ptp(plain) > 0)
        stored = full.astype(kind)
        assume(np.isfinite(stored).all())
        exact = stored.astype(np.float64) / top
        assert nss(stored, points) == pytest.approx(nss(exact, points), rel=1e-9, abs=1e-9)
        assert auc(stored, points) == auc(exact, points)
        assert sauc(stored, points, points) == sauc(exact, points, points)
        found = cc(stored, density, constant=0.0)
        assert found == pytest.approx(cc(exact, density, constant=0.0), rel=1e-9, abs=1e-9)


@SETTINGS
@given(scenes(), st.sampled_from([np.uint8, np.uint16, np.int8, np.int16, np.int32, np.int64]))
def test_integers_never_overflow(scene, kind):
    values, density, points = scene
    # of 64 bits as far as floats hold them: beyond, maps are refused
    low, high = (max(-(2**53), np.iinfo(kind).min), min(2**53, np.iinfo(kind).max))
    step = (int(high) - int(low)) // 63
    levels = np.array([int(low) + k * step for k in range(64)], dtype=kind)
    stored = levels[values.astype(int) % 64]
    assume(np.ptp(stored.astype(float)) > 0)
    wide = stored.astype(np.float64)
    assert nss(stored, points) == pytest.approx(nss(wide, points), rel=1e-12, abs=1e-12)
    assert auc(stored, points) == auc(wide, points)
    found = cc(stored, density, constant=0.0)
    assert found == pytest.approx(cc(wide, density, constant=0.0), rel=1e-12, abs=1e-12)


def test_a_constant_added_to_every_pixel_keeps_its_size():
    from benchmark_kit.metrics import kl

    values, density = np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]])
    tiny = np.ldexp(1.0, -900)
    plain = kl(values, density, eps=2**-52, rule="sum", added=1.0)
    assert kl(values * tiny, density * tiny, eps=2**-52, rule="sum", added=tiny) == plain


def test_jitter_is_added_to_the_values_as_they_are():
    from benchmark_kit.metrics import auc_judd

    rng = np.random.default_rng(0)
    values, points = (
        rng.random((20, 30)),
        np.stack([rng.integers(0, 30, 9), rng.integers(0, 20, 9)], 1),
    )
    # far below the jitter only it is left; far above it is lost
    noise = auc_judd(np.zeros((20, 30)), points, jitter="uniform")
    assert auc_judd(values * 1e-290, points, jitter="uniform") == noise
    assert auc_judd(values * 1e290, points, jitter="uniform") == auc_judd(
        values, points, jitter="none"
    )
    assert ig(values * 1e290, points, "uniform", form="map", eps=0.0) == pytest.approx(
        ig(values, points, "uniform", form="map", eps=0.0)
    )
