"""Dialects as data: names, constants that the metrics know, and the choice of columns."""

import inspect
from dataclasses import FrozenInstanceError

import pytest

from benchmark_kit.dialects import DIALECTS, choose_variants, get_dialect
from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.density import DensitySpec
from benchmark_kit.imaging.resize import check_kernel
from benchmark_kit.metrics import METRICS

every_dialect = pytest.mark.parametrize("name", DIALECTS)


def keys(dialects, metrics=None):
    return [(v.key, str(v)) for v in choose_variants(dialects, metrics)]


@every_dialect
def test_names_are_keys_and_kernels_and_densities_exist(name):
    dialect = get_dialect(name)
    assert dialect.name == name
    assert check_kernel(dialect.resize) == dialect.resize
    assert DensitySpec(**(dialect.density or {})).source == "computed"
    assert dialect.negatives in ("fixations", "images")


@every_dialect
def test_constants_are_what_the_metrics_take(name):
    for metric, constants in get_dialect(name).constants.items():
        signature = inspect.signature(METRICS[metric].compute)
        known = {
            p.name: p
            for p in signature.parameters.values()
            if p.kind is inspect.Parameter.KEYWORD_ONLY
        }
        assert set(constants) <= set(known)
        needed = {n for n, p in known.items() if p.default is inspect.Parameter.empty}
        assert needed <= set(constants)


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


def test_a_dialect_is_not_changed_by_accident():
    with pytest.raises(FrozenInstanceError):
        get_dialect("mit").unit = False


def test_the_constants_in_which_the_boards_differ():
    """As docs/metrics.md states them."""
    tuebingen, mit, first, second = DIALECTS.values()
    assert (tuebingen.binary, mit.binary, first.binary, second.binary) == (0, 1, 0, 1)
    assert (tuebingen.unit, mit.unit, first.unit, second.unit) == (0, 1, 1, 1)
    assert [d.constants["nss"]["ddof"] for d in DIALECTS.values()] == [0, 1, 0, 1]
    assert [d.filter_duplicates for d in DIALECTS.values()] == [False, False, True, False]
    assert (first.density["sigma_px"], second.baseline_sigma_px) == (19.0, 19.0)


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


def test_no_label_is_plain_auc():
    labels = {METRICS[name].facts.label for d in DIALECTS.values() for name in d.constants}
    assert "AUC" not in labels
    assert {"AUC (exact)", "AUC-Judd", "AUC-Borji", "sAUC"} <= labels
