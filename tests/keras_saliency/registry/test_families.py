from dataclasses import replace

import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency.base.card import KINDS, Card
from keras_saliency.registry.families import FAMILIES, family_of

CARD = Card("net", "A net", "network", "a:b", origin="net.toml")


def test_every_kind_has_one_family():
    assert sorted(kind for family in FAMILIES.values() for kind in family.kinds) == sorted(KINDS)


def test_a_cards_own_family_wins_over_that_of_its_kind():
    assert family_of(CARD) == "one_depth"
    assert family_of(replace(CARD, family="recurrent")) == "recurrent"


def test_a_family_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(ConfigError, match=r"net\.toml: unknown family 'deep'; known are ours, "):
        family_of(replace(CARD, family="deep"))
