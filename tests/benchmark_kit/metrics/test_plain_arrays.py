"""From plain arrays to a value: the same way for all metrics, made from what they need."""

import numpy as np
import pytest

from benchmark_kit import metrics
from benchmark_kit.dialects import DIALECTS
from benchmark_kit.metrics import METRICS, Needs

SIZE = (12, 16)
RNG = np.random.default_rng(3)
MAP, DENSITY, BASELINE = RNG.random((3, *SIZE))
POINTS = np.array([[10, 2], [3, 7], [3, 7], [15, 11]])
OTHERS = np.array([[1, 1], [5, 5], [9, 10]])
TRUTH = {
    Needs.POINTS: {"fixations": POINTS},
    Needs.DENSITY: {"density": DENSITY},
    Needs.OTHERS: {"fixations": POINTS, "negatives": OTHERS},
    Needs.BASELINE: {"fixations": POINTS, "baseline": BASELINE},
}
CASES = [
    (name, dialect.name)
    for dialect in DIALECTS.values()
    for name, metric in METRICS.items()
    if dialect.has(name, metric.required) and name != "emd"
]


@pytest.mark.parametrize(("name", "dialect"), CASES)
def test_what_a_map_is_compared_with_may_be_named(name, dialect):
    form = METRICS[name].in_dialect(dialect)
    truth = TRUTH[METRICS[name].facts.needs]
    assert form(MAP, **truth) == form(MAP, *truth.values())
    first, *others = truth.values()
    if others:
        assert form(MAP, first, **dict(list(truth.items())[1:])) == form(MAP, first, *others)


@pytest.mark.parametrize(("name", "dialect"), CASES)
def test_too_little_and_too_much_are_refused(name, dialect):
    form = METRICS[name].in_dialect(dialect)
    truth = TRUTH[METRICS[name].facts.needs].values()
    with pytest.raises(TypeError):
        form(MAP)
    with pytest.raises(TypeError):
        form(MAP, *truth, DENSITY)
    with pytest.raises(TypeError, match="unheard_of"):
        form(MAP, *truth, unheard_of=1)


def test_only_what_draws_at_random_takes_a_seed():
    form = metrics.auc_borji.in_dialect("mit")
    assert form(MAP, POINTS, seed=1) == form(MAP, POINTS, seed=1) != form(MAP, POINTS, seed=2)
    with pytest.raises(TypeError, match="seed"):
        metrics.nss.in_dialect("mit")(MAP, POINTS, seed=1)


def test_a_density_of_another_size_is_for_those_that_say_so():
    assert METRICS["emd"].facts.any_size
    with pytest.raises(ValueError, match=r"the map has shape .*, the density"):
        metrics.sim.in_dialect("mit")(MAP, DENSITY[:-1])


def test_a_map_without_logarithm_is_named_by_its_metric():
    with pytest.raises(ValueError, match="a negative map has no KL in this dialect"):
        metrics.kl.in_dialect("mit")(MAP - 0.5, DENSITY)
