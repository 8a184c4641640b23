"""What is undefined has no value: in every metric and dialect, whatever makes it so."""

import numpy as np
import pytest

from benchmark_kit import metrics
from benchmark_kit.dialects import DIALECTS
from benchmark_kit.metrics import METRICS, Needs
from benchmark_kit.types import Density

SIZE = (24, 32)
RNG = np.random.default_rng(0)
MAP = RNG.random(SIZE)
DENSITY = RNG.random(SIZE)
POINTS = np.array([[10, 20], [30, 12], [4, 3], [17, 9]])
OTHERS = np.array([[1, 1], [5, 5], [20, 20]])
ALL = [
    (name, dialect.name)
    for dialect in DIALECTS.values()
    for name, metric in METRICS.items()
    if dialect.has(name, metric.required)
]
CHEAP = [(name, dialect) for name, dialect in ALL if name != "emd"]


def score(name, dialect, saliency, *, density=DENSITY, baseline=DENSITY, negatives=OTHERS):
    form = METRICS[name].in_dialect(dialect)
    truth = {
        Needs.DENSITY: (density,),
        Needs.OTHERS: (POINTS, negatives),
        Needs.BASELINE: (POINTS, baseline),
        Needs.POINTS: (POINTS,),
    }
    return form(saliency, *truth[METRICS[name].facts.needs])


def spoilt(value, where, dtype=np.float64):
    found = MAP.astype(dtype)
    if where == "everywhere":
        found[:] = value
    else:
        found[{"at a fixation": (20, 10), "elsewhere": (0, 0)}[where]] = value
    return found


@pytest.mark.parametrize(("name", "dialect"), ALL)
def test_the_untouched_map_has_a_value(name, dialect):
    if name == "emd":
        pytest.importorskip("ot")
    assert np.isfinite(score(name, dialect, MAP))


@pytest.mark.parametrize("where", ["at a fixation", "elsewhere", "everywhere"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
@pytest.mark.parametrize(("name", "dialect"), ALL)
def test_a_map_that_is_not_finite_has_no_value(name, dialect, value, where):
    for dtype in (np.float64, np.float32, np.float16):
        with np.errstate(all="raise"):
            assert np.isnan(score(name, dialect, spoilt(value, where, dtype)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
def test_nor_against_a_density_or_a_baseline_that_is_not(value):
    for name, dialect in ALL:
        bad = spoilt(value, "elsewhere")
        if METRICS[name].facts.needs == "density":
            assert np.isnan(score(name, dialect, MAP, density=bad))
            assert np.isnan(score(name, dialect, MAP, density=Density(bad)))
        elif name == "ig":
            assert np.isnan(score(name, dialect, MAP, baseline=bad))
    assert np.isnan(metrics.ig(np.log(MAP), POINTS, bad, form="log density"))


def test_wrong_kinds_are_refused_before_the_values_are_looked_at():
    nothing = np.full(SIZE, np.nan)
    with pytest.raises(TypeError, match="looks like a map"):
        metrics.nss(nothing, DENSITY)
    with pytest.raises(ValueError, match="the density"):
        metrics.cc.in_dialect("mit")(nothing, DENSITY[:-1])


@pytest.mark.parametrize(("name", "dialect"), CHEAP)
def test_masked_arrays_are_refused_and_unmasked_ones_are_arrays(name, dialect):
    masked = np.ma.masked_array(MAP, MAP > 0.9)
    with pytest.raises(TypeError, match="masked array"):
        score(name, dialect, masked)
    whole = np.ma.masked_array(MAP, np.zeros(SIZE, bool))
    assert score(name, dialect, whole) == score(name, dialect, MAP)
    if METRICS[name].facts.needs == "density":
        with pytest.raises(TypeError, match="masked array"):
            score(name, dialect, MAP, density=masked)


def test_masked_points_and_values_that_are_no_numbers_are_refused():
    with pytest.raises(TypeError, match="fixations are a masked array"):
        metrics.nss(MAP, np.ma.masked_array(POINTS, POINTS > 25))
    for strange in (MAP * 1j, MAP.astype(str), MAP.astype(object)):
        with pytest.raises(TypeError, match="numbers expected"):
            metrics.nss(strange, POINTS)


@pytest.mark.parametrize("baseline", [np.ones(SIZE), np.zeros(SIZE), np.full(SIZE, 7, np.uint8)])
@pytest.mark.parametrize("dialect", ["mit", "salicon2017"])
def test_a_constant_baseline_has_no_min_max_scale(dialect, baseline):
    assert np.isnan(score("ig", dialect, MAP, baseline=baseline))
    # under the other rule it is uniform
    uniform = metrics.ig.in_dialect("tuebingen")(MAP, POINTS, "uniform")
    assert score("ig", "tuebingen", MAP, baseline=baseline) == pytest.approx(uniform, abs=1e-9)


@pytest.mark.parametrize("dialect", [name for name, d in DIALECTS.items() if "sauc" in d.constants])
def test_shuffled_auc_without_negatives_has_no_value(dialect):
    form = metrics.sauc.in_dialect(dialect)
    for saliency in (MAP, np.ones(SIZE), (255 * MAP).astype(np.uint8), np.ones(SIZE, np.uint8)):
        assert np.isnan(form(saliency, POINTS, np.empty((0, 2))))
        assert np.isnan(form(saliency, POINTS, negative_counts=np.zeros(SIZE)))


@pytest.mark.parametrize("saliency", [np.ones((2, 2)), np.arange(4.0).reshape(2, 2)])
def test_where_every_pixel_is_fixated_salicon2015_has_no_negatives(saliency):
    every = [[0, 0], [1, 0], [0, 1], [1, 1]]
    form = metrics.sauc.in_dialect("salicon2015")
    assert np.isnan(form(saliency, every, negative_counts=np.ones((2, 2))))


@pytest.mark.parametrize("name", ["cc", "kl", "sim", "auc_judd", "auc_borji", "emd"])
def test_a_metric_without_its_constants_names_the_way_to_them(name):
    against = DENSITY if METRICS[name].facts.needs == "density" else POINTS
    with pytest.raises(TypeError, match=rf"{name}\.in_dialect\(NAME\).*\bmit\b"):
        METRICS[name](MAP, against)
