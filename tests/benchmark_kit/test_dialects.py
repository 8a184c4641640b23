"""Dialects as data: names, and constants that the metrics know."""

import inspect
from dataclasses import FrozenInstanceError

import pytest

from benchmark_kit.dialects import DIALECTS, get_dialect
from benchmark_kit.imaging.density import DensitySpec
from benchmark_kit.imaging.resize import check_kernel
from benchmark_kit.metrics import METRICS

every_dialect = pytest.mark.parametrize("name", DIALECTS)


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


def test_no_label_is_plain_auc():
    labels = {METRICS[name].facts.label for d in DIALECTS.values() for name in d.constants}
    assert "AUC" not in labels
    assert {"AUC (exact)", "AUC-Judd", "AUC-Borji", "sAUC"} <= labels
