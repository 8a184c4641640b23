"""The four groups of an evaluation's options, and their fields as keywords."""

from dataclasses import fields

import pytest

import benchmark_kit
from benchmark_kit import MapOptions, OutputOptions, RunOptions, ScoringOptions
from benchmark_kit.calls.options import with_keywords
from benchmark_kit.errors import ConfigError

GROUPS = (MapOptions, OutputOptions, RunOptions, ScoringOptions)


def test_no_field_is_in_two_groups():
    names = [field.name for group in GROUPS for field in fields(group)]
    assert len(names) == len(set(names))


def test_keywords_and_groups_are_the_same_call(folder_set):
    truths = folder_set.truths()
    keywords = benchmark_kit.evaluate(
        folder_set.maps, truths, metrics="nss,kl", dialect="mit", workers=1, reproducible=True
    )
    groups = benchmark_kit.evaluate(
        folder_set.maps,
        truths,
        scoring=ScoringOptions(metrics="nss,kl", dialect="mit"),
        run=RunOptions(workers=1),
        output=OutputOptions(reproducible=True),
    )
    assert keywords.data == groups.data


def test_a_keyword_wins_over_its_group(folder_set):
    found = benchmark_kit.evaluate(
        folder_set.maps,
        folder_set.truths(),
        scoring=ScoringOptions(metrics="nss", seed=3),
        seed=4,
        workers=1,
    )
    assert found.data["seed"] == 4
    assert list(found.data["metrics"]) == ["nss"]


def test_what_is_in_no_group_is_left_to_the_reader(folder_set):
    rest = {"strip": "_sal", "edition": "2017"}
    assert with_keywords(MapOptions(partial=True), rest) == MapOptions(partial=True, strip="_sal")
    assert rest == {"edition": "2017"}
    with pytest.raises(ConfigError, match="unknown option 'workerz'"):
        benchmark_kit.evaluate(folder_set.maps, folder_set.truths(), workerz=2)


@pytest.mark.parametrize(
    ("group", "wrong", "said"),
    [
        (ScoringOptions, {"level": 1.5}, "level must be between 0 and 1"),
        (ScoringOptions, {"seed": -1}, "seed must be 0 or more"),
        (RunOptions, {"engine": "gpu"}, "engine must be one of pool, tf"),
        (RunOptions, {"strategy": "mirrored"}, "a strategy is for engine tf"),
        (OutputOptions, {"resume": True}, "--resume needs --out"),
    ],
)
def test_a_group_refuses_what_it_cannot_mean(group, wrong, said):
    with pytest.raises(ConfigError, match=said):
        group(**wrong)
