"""Which columns a run has, and with which densities, negatives and baseline."""

import pickle

import numpy as np
import pytest

from benchmark_kit.dialects import DIALECTS
from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.density import DensitySpec
from benchmark_kit.scoring.plan import make_plan
from benchmark_kit.scoring.scorer import Scorer
from benchmark_kit.types import Fixations, GroundTruth, Truths

SIZE = (20, 30)


def data_set(images=3, shipped=None, **facts):
    rng = np.random.default_rng(0)
    points = [Fixations(rng.uniform(0, 30, 9), rng.uniform(0, 20, 9), SIZE) for _ in range(images)]
    truths = (GroundTruth(str(k), SIZE, p, density_file=shipped) for k, p in enumerate(points))
    return Truths("made", tuple(truths), **facts)


TRUTHS = data_set()


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_alone_has_its_own_metrics_under_plain_keys(name):
    keys = make_plan(TRUTHS, [name]).keys
    expected = [
        "ig_map" if (name, m) == ("tuebingen", "ig") else m for m in DIALECTS[name].default_metrics
    ]
    assert list(keys) == expected


def test_columns_of_further_dialects_name_them():
    assert make_plan(TRUTHS, ["mit", "tuebingen"], ["nss", "kl"]).keys == (
        "nss",
        "nss@tuebingen",
        "kl",
        "kl@tuebingen",
    )
    assert make_plan(TRUTHS, ["mit", "tuebingen"], ["ig"]).keys == ("ig", "ig_map@tuebingen")
    assert make_plan(TRUTHS, ["tuebingen"], ["kl@mit", "kl@tuebingen"]).keys == ("kl@mit", "kl")


def test_a_column_asked_for_twice_stands_once():
    assert make_plan(TRUTHS, ["mit", "mit"], ["nss", "nss@mit", "nss"]).keys == ("nss",)


def test_constants_are_the_dialects():
    plan = make_plan(TRUTHS, list(DIALECTS))
    for variant in plan.variants:
        assert plan.constants[variant.key] == variant.dialect.constants[variant.metric]


def test_information_gain_is_plain_only_of_log_densities():
    maps, logs = (
        make_plan(TRUTHS, ["tuebingen"], ["ig"], log_density=yes) for yes in (False, True)
    )
    assert maps.keys == ("ig_map",)
    assert maps.label("ig_map") == "IG (map)"
    assert logs.keys == ("ig",)
    assert logs.label("ig") == "IG"
    assert logs.constants["ig"]["form"] == "log density"
    assert make_plan(TRUTHS, ["mit"], ["ig"], log_density=True).constants["ig"]["form"] == "min-max"


def test_sampled_negatives_show_in_the_label():
    plan = make_plan(TRUTHS, ["tuebingen", "salicon2015"], ["auc"])
    assert [plan.label(key) for key in plan.keys] == ["AUC (exact)", "AUC (sampled)"]


@pytest.mark.parametrize(
    ("facts", "options", "expected"),
    [
        ({}, {}, DensitySpec()),
        ({"sigma_px": 7.0}, {}, DensitySpec(sigma_px=7.0)),
        ({"sigma_px": 7.0}, {"sigma_px": 3.0}, DensitySpec(sigma_px=3.0)),
        ({"density_source": "shipped"}, {}, DensitySpec(source="shipped")),
        ({}, {"density": "shipped"}, DensitySpec(source="shipped")),
        ({"density_source": "shipped"}, {"density": "computed"}, DensitySpec()),
        ({"density_source": "shipped"}, {"sigma_px": 3.0}, DensitySpec(sigma_px=3.0)),
    ],
)
def test_the_density_is_the_data_sets_own_or_the_one_asked_for(facts, options, expected, tmp_path):
    truths = data_set(shipped=tmp_path / "d.png", **facts)
    assert make_plan(truths, ["tuebingen"], ["cc"], **options).densities == {"tuebingen": expected}


def test_salicon2015_makes_its_own_density_unless_another_is_asked_for():
    own = DensitySpec(sigma_px=19.0, points="binary", minmax=True)
    plan = make_plan(TRUTHS, ["tuebingen", "salicon2015"], ["cc"])
    assert plan.densities == {"tuebingen": DensitySpec(), "salicon2015": own}
    asked = make_plan(TRUTHS, ["salicon2015"], ["cc"], sigma_px=5.0)
    assert asked.densities == {"salicon2015": DensitySpec(sigma_px=5.0)}


def test_shipped_densities_of_a_width_are_refused(tmp_path):
    truths = data_set(shipped=tmp_path / "d.png")
    with pytest.raises(ConfigError, match="sigma"):
        make_plan(truths, ["tuebingen"], ["cc"], density="shipped", sigma_px=3.0)


def test_densities_and_pools_are_made_only_where_a_column_needs_them():
    points = make_plan(TRUTHS, list(DIALECTS), ["nss", "auc", "auc_judd"])
    assert (points.densities, points.pools, points.bias) == ({}, {}, None)
    mixed = make_plan(TRUTHS, ["tuebingen", "mit"], ["sauc@mit", "kl@tuebingen"])
    assert set(mixed.pools) == {"mit"}
    assert set(mixed.densities) == {"tuebingen"}


def test_negatives_come_from_the_whole_data_set():
    plan = make_plan(TRUTHS, ["tuebingen"], ["sauc"])
    assert plan.pools["tuebingen"].names == ["0", "1", "2"]
    assert plan.pools["tuebingen"].total(SIZE) == 27


@pytest.mark.parametrize(
    ("dialects", "asked", "words"),
    [
        (["tuebingen"], None, "leave-one-image-out centre bias, Gaussian sigma 35 px"),
        (["mit"], None, "leave-one-image-out centre bias, Gaussian sigma 35 px"),
        (["salicon2017"], None, "other images' fixated pixels, Gaussian 19 px"),
        (["salicon2017"], "centre-bias", "leave-one-image-out centre bias, Gaussian sigma 35 px"),
        (["tuebingen"], "uniform", "uniform density"),
        (["salicon2017"], "uniform", "uniform density"),
    ],
)
def test_the_baseline_of_information_gain_is_the_dialects_or_the_one_asked_for(
    dialects, asked, words
):
    plan = make_plan(TRUTHS, dialects, ["ig"], ig_baseline=asked)
    assert plan.baseline.startswith(words)
    assert (plan.bias is not None) == ("centre bias" in words)


def test_without_information_gain_there_is_no_baseline():
    assert make_plan(TRUTHS, ["tuebingen"], ["nss"], ig_baseline="uniform").baseline == ""


@pytest.mark.parametrize("other", ["tuebingen", "mit"])
def test_the_baseline_of_a_dialect_does_not_depend_on_the_others(other):
    pixels = np.random.default_rng(1).random(SIZE)
    alone = Scorer(make_plan(TRUTHS, ["salicon2017"], ["ig"])).scores(TRUTHS["0"], pixels)
    both = Scorer(make_plan(TRUTHS, ["salicon2017", other], ["ig"])).scores(TRUTHS["0"], pixels)
    assert both["ig"] == alone["ig"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ig_baseline": "centre"}, "centre-bias, uniform, got 'centre'"),
        ({"density": "made"}, "shipped or computed, got 'made'"),
        ({"density": "shipped"}, "ships no densities. Fix: --density computed"),
        ({"metrics": ["auc"], "dialects": ["mit"]}, "Fix: ask for auc_judd"),
        ({"metrics": ["emd"]}, "Fix: write emd@mit"),
        ({"dialects": []}, "no dialect given"),
        ({"dialects": ["mti"]}, "did you mean 'mit'"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    options = {"dialects": ["tuebingen"], "metrics": ["cc"], **options}
    with pytest.raises(ConfigError, match=message):
        make_plan(TRUTHS, options.pop("dialects"), options.pop("metrics"), **options)


def test_no_metric_at_all_is_refused():
    with pytest.raises(ConfigError):
        make_plan(TRUTHS, ["tuebingen"], [])


def test_the_fingerprint_changes_with_everything_that_moves_a_number(tmp_path):
    truths = data_set(shipped=tmp_path / "d.png")
    plans = [
        make_plan(truths, ["tuebingen"], ["ig", "cc"]),
        make_plan(truths, ["mit"], ["ig", "cc"]),
        make_plan(truths, ["tuebingen"], ["ig"]),
        make_plan(truths, ["tuebingen"], ["ig", "cc"], seed=1),
        make_plan(truths, ["tuebingen"], ["ig", "cc"], sigma_px=3.0),
        make_plan(truths, ["tuebingen"], ["ig", "cc"], density="shipped"),
        make_plan(truths, ["tuebingen"], ["ig", "cc"], ig_baseline="uniform"),
        make_plan(truths, ["tuebingen"], ["ig", "cc"], bias_sigma_px=20.0),
        make_plan(truths, ["tuebingen"], ["ig", "cc"], log_density=True),
    ]
    found = [plan.fingerprint() for plan in plans]
    assert len(set(found)) == len(found)
    assert make_plan(truths, ["tuebingen"], ["ig", "cc"]).fingerprint() == found[0]
    assert found[0].startswith("sha256:")


def test_a_plan_travels_to_a_worker():
    plan = make_plan(TRUTHS, list(DIALECTS))
    copy = pickle.loads(pickle.dumps(plan))
    assert copy.fingerprint() == plan.fingerprint()
    pixels = np.random.default_rng(1).random(SIZE)
    one, other = (Scorer(p).scores(TRUTHS["0"], pixels) for p in (plan, copy))
    assert one.keys() == other.keys()
    np.testing.assert_array_equal(list(one.values()), list(other.values()))
