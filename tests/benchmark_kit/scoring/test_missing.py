"""Values that are missing tell why, per image and in the results."""

import numpy as np
import pytest

from benchmark_kit import evaluate
from benchmark_kit.dialects import DIALECTS
from benchmark_kit.results.tables import render
from benchmark_kit.scoring.missing import reasons_of
from benchmark_kit.types import Fixations, GroundTruth, Row, Truths

SIZE = (20, 30)
RNG = np.random.default_rng(0)


def image(name, points):
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    return GroundTruth(name, SIZE, Fixations(x, y, SIZE))


def scored(truths, maps=None, **options):
    maps = maps or {name: RNG.random(SIZE) for name in truths.names}
    options = {"workers": 1, "bootstrap": 0, "cache": False} | options
    return evaluate(maps, truths, **options).data


ONE = Truths("made", (image("a", [(4, 5), (20, 9), (4, 5)]), image("b", [])))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_one_image_with_fixations_has_no_negatives_and_no_others_to_gain_over(dialect):
    names = [name for name in ("ig", "sauc", "nss") if name in DIALECTS[dialect].constants]
    data = scored(ONE, dialect=dialect, metrics=names)
    told = dict(flag.split(": ", 1) for flag in data["images"][0]["flags"])
    assert data["metrics"]["sauc"]["value"] is None
    assert told["no sauc"] == "no negatives: no other image was looked at there"
    assert data["metrics"]["sauc"]["missing"] == {told["no sauc"]: 1}
    assert data["metrics"]["nss"]["missing"] == {}
    if dialect in ("mit", "salicon2017"):
        assert data["metrics"]["ig"]["value"] is None
        assert told["no ig"] == "the baseline is constant"
    elif "ig" in names:
        assert np.isfinite(data["metrics"]["ig_map"]["value"])
    warnings = {warning["text"]: warning for warning in data["warnings"]}
    assert warnings[f"no value for sauc: {told['no sauc']}"]["examples"] == ["a"]
    assert "no value for sauc" in render(data, "text")
    assert "no value for sauc" in render(data, "markdown")


def test_a_filter_that_leaves_no_fixation_is_told():
    truths = Truths("made", (image("a", [(4, 5), (20, 9)]), image("b", [(1, 1), (1, 1)])))
    data = scored(truths, dialect="salicon2015", metrics="nss")
    assert data["metrics"]["nss"]["n"] == 1
    assert data["metrics"]["nss"]["missing"] == {"no fixation is left by this dialect's filter": 1}


def test_a_constant_map_is_reason_enough():
    truths = Truths("made", (image("a", [(4, 5), (20, 9)]), image("b", [(1, 1), (9, 2)])))
    maps = {"a": np.ones(SIZE), "b": RNG.random(SIZE)}
    data = scored(truths, maps, dialect="mit", metrics="nss,auc_borji,cc,kl")
    assert data["images"][0]["flags"] == ["constant map", "not defined: nss, auc_borji, cc"]
    assert data["metrics"]["nss"]["missing"] == {"constant map": 1}
    assert data["metrics"]["kl"]["missing"] == {}


def test_a_constant_density_and_a_single_pixel_are_told():
    whole = [(x, y) for x in range(30) for y in range(20)]
    truths = Truths("made", (image("a", whole), image("b", [(1, 1)])))
    data = scored(truths, dialect="mit", metrics="cc,auc_judd,auc_borji", sigma="500px")
    assert data["metrics"]["auc_judd"]["missing"] == {"every pixel is fixated": 1}
    assert data["metrics"]["auc_borji"]["missing"] == {"fewer than two fixated pixels": 1}


def test_reasons_are_read_back_from_a_rows_flags():
    values = {"a": None, "b": 1.0, "c": None, "d": None}
    row = Row("x", 3, values, ("not defined: a, c, d", "no a: this: and that"))
    assert dict(reasons_of(row)) == {"a": "this: and that", "c": "not defined", "d": "not defined"}
