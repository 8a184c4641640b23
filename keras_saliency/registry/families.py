"""Families of models: what belongs together on one page of the documents."""

from __future__ import annotations

from typing import NamedTuple

from benchmark_kit.errors import ConfigError
from keras_saliency.base.card import Card


class Family(NamedTuple):
    """Models that one page describes.

    Args:
        title: its heading.
        line: what its models have in common, for people.
        kinds: of the models that belong here unless their cards name another family.
    """

    title: str
    line: str
    kinds: tuple[str, ...] = ()


FAMILIES = {
    "ours": Family(
        "Ours", "come trained on eye tracking; one of them is the default", ("ensemble",)
    ),
    "density": Family(
        "Networks of log densities",
        "give the probability of the next fixation at every pixel, under a centre bias",
        ("probabilistic network",),
    ),
    "several_depths": Family(
        "Networks that join several depths",
        "read features of several layers, or of several trunks, at once",
    ),
    "one_depth": Family(
        "Networks of one depth", "read one end of their trunks, at one scale or more", ("network",)
    ),
    "recurrent": Family("Recurrent networks", "go over their features again before they answer"),
    "inpainting": Family(
        "Saliency from inpainting error",
        "predict where a hole could not be filled from what is around it, and fill holes",
        ("inpainter",),
    ),
    "training_free": Family(
        "Models without training", "compute what stands out of a picture", ("training-free",)
    ),
    "estimators": Family(
        "Estimators and baselines",
        "learn in closed form from a data set, or see no picture at all",
        ("estimator", "baseline"),
    ),
}


def family_of(card: Card) -> str:
    """The key of a card's family: the one it names, else that of its kind.

    Raises:
        ConfigError: the card names a family that does not exist.
    """
    if card.family in FAMILIES:
        return card.family
    if card.family:
        raise ConfigError(
            f"card {card.origin}: unknown family {card.family!r}; known are {', '.join(FAMILIES)}"
        )
    return next(key for key, family in FAMILIES.items() if card.kind in family.kinds)
