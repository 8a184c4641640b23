"""The choice of columns: metrics in dialects, as they are asked for."""

import pytest

from benchmark_kit import metrics
from benchmark_kit.dialects import DIALECTS, get_dialect
from benchmark_kit.errors import ConfigError
from benchmark_kit.metrics import METRICS, MetricFacts, Needs, _metric
from benchmark_kit.scoring.variants import choose_variants

every_dialect = pytest.mark.parametrize("name", DIALECTS)


def keys(dialects, metrics=None):
    return [(v.key, str(v)) for v in choose_variants(dialects, metrics)]


@every_dialect
def test_extra_metrics_exist_and_are_left_out_unless_asked_for(name):
    dialect = get_dialect(name)
    assert set(dialect.extra) <= set(dialect.constants)
    assert set(dialect.default_metrics) == set(dialect.constants) - set(dialect.extra)
    for metric in dialect.extra:
        assert keys([name], [metric]) == [(metric, f"{metric}@{name}")]


@every_dialect
def test_what_is_named_instead_can_be_asked_for(name):
    for metric, text in (get_dialect(name).instead or {}).items():
        assert metric not in get_dialect(name).constants
        assert text.split()[0] in get_dialect(name).constants
        with pytest.raises(ConfigError, match=f"Fix: ask for {text.split()[0]}"):
            choose_variants([name], [metric])


@pytest.mark.parametrize(
    ("dialects", "metrics", "expected"),
    [
        (["mit"], ["nss"], [("nss", "nss@mit")]),
        (["mit"], ["nss@tuebingen"], [("nss@tuebingen", "nss@tuebingen")]),
        (["mit"], ["nss@mit"], [("nss", "nss@mit")]),
        (
            ["mit", "tuebingen"],
            ["nss", "kl@tuebingen"],
            [("nss", "nss@mit"), ("nss@tuebingen",) * 2, ("kl@tuebingen",) * 2],
        ),
        # only one of the two has it
        (["mit", "tuebingen"], ["emd"], [("emd", "emd@mit")]),
        (["tuebingen", "mit"], ["emd"], [("emd@mit", "emd@mit")]),
        (["mit", "mit"], ["cc", "cc"], [("cc", "cc@mit")]),
    ],
)
def test_columns_and_their_keys(dialects, metrics, expected):
    assert keys(dialects, metrics) == expected


def test_without_metrics_every_dialect_brings_its_own_in_order():
    found = choose_variants(["salicon2015", "tuebingen"], None)
    first, second = get_dialect("salicon2015"), get_dialect("tuebingen")
    assert [v.key for v in found] == [
        *first.default_metrics,
        *(f"{name}@tuebingen" for name in second.default_metrics),
    ]
    assert all(v.constants is v.dialect.constants[v.metric] for v in found)


@pytest.mark.parametrize(
    ("dialects", "metrics", "message"),
    [
        (["mti"], None, "unknown dialect 'mti': did you mean 'mit'\\? known are tuebingen, mit"),
        (["zebra"], None, "unknown dialect 'zebra': known are"),
        (["mit"], ["ns"], "unknown metric 'ns': did you mean 'nss'\\? known are auc, "),
        (["mit"], ["nss@zebra"], "unknown dialect 'zebra'"),
        (["mit"], ["zebra@mit"], "unknown metric 'zebra': known are"),
        (["mit"], ["auc"], "'mit' has no metric 'auc'. Fix: ask for auc_judd"),
        (["tuebingen"], ["emd"], "'tuebingen' has no metric 'emd'. Fix: write emd@mit"),
        (["tuebingen"], ["auc_borji"], "Fix: write auc_borji@mit"),
        ([], ["nss"], "no dialect given"),
    ],
)
def test_what_is_not_known_is_refused_with_the_nearest_name(dialects, metrics, message):
    with pytest.raises(ConfigError, match=message):
        choose_variants(dialects, metrics)


def test_what_a_dialect_fixes_wins_over_defaults_and_what_it_lacks_is_still_refused():
    assert not metrics.nss.required
    assert metrics.nss.constants_in("mit")["ddof"] == 1
    assert not metrics.auc.required
    with pytest.raises(ConfigError, match="Fix: ask for auc_judd"):
        metrics.auc.constants_in("mit")


def test_a_metric_that_no_dialect_names_exists_in_each_if_its_constants_have_defaults(monkeypatch):
    monkeypatch.setitem(METRICS, "made", metric_of(lambda saliency, density, *, power=1: 0.0))
    assert keys(["mit", "tuebingen"], ["made"]) == [
        ("made", "made@mit"),
        ("made@tuebingen", "made@tuebingen"),
    ]
    (variant,) = choose_variants(["mit"], ["made"])
    assert variant.constants == {}
    assert all("made" not in dict(keys([name])) for name in DIALECTS), "only if asked for"


def test_one_that_needs_constants_is_refused_where_none_are_fixed(monkeypatch):
    monkeypatch.setitem(METRICS, "made", metric_of(lambda saliency, density, *, power: 0.0))
    with pytest.raises(ConfigError, match=r"'made'\. Fix: give its constants defaults: power"):
        choose_variants(["mit"], ["made"])


def metric_of(function):
    facts = MetricFacts("made", "Made", "lower", 0.0, None, "", Needs.DENSITY)
    return _metric.metric(facts, function)(function)
