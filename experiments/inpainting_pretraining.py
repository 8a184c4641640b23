"""Thesis, table 5.15: error maps first or not, from ImageNet's weights or from random ones."""

from __future__ import annotations

from functools import partial

import keras
from inpainting import fine_tuned, network, pretrained
from trunks import load_imagenet
from work import Finding, Maps, Work

ARMS = {
    "errors, ImageNet": (True, True),
    "errors, random": (True, False),
    "direct, ImageNet": (False, True),
    "direct, random": (False, False),
}


def arm(name: str, work: Work, seed: int) -> Maps:
    """One of the four ways to the same training on saliency."""
    errors, imagenet = ARMS[name]
    first = pretrained(imagenet, work, seed) if errors else None
    keras.utils.set_random_seed(seed)
    model = network(4, transfer=True) if errors else network(1)
    if first is not None:
        for layer in first.layers:
            model.get_layer(layer.name).set_weights(layer.get_weights())
    elif imagenet:
        load_imagenet(model, work)
    return fine_tuned(model, work, seed)


FINDING = Finding(
    question="Does learning inpainting errors first help, beside ImageNet and without it?",
    arms={name: partial(arm, name) for name in ARMS},
    pairs=(
        ("direct, ImageNet", "errors, ImageNet"),
        ("direct, random", "errors, random"),
        ("direct, random", "direct, ImageNet"),
        ("errors, random", "direct, ImageNet"),
    ),
)
