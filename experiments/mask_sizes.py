"""Thesis, tables 5.2, 5.10, 5.14: predicted errors of each size of holes, scored as saliency."""

from __future__ import annotations

from functools import partial

import keras
from inpainting import network, pretrained
from training import arrays, onto_pictures, predict
from work import Finding, Maps, Work

from keras_saliency.inpainting.masks import SCALES


def arm(scale: int, work: Work, seed: int) -> Maps:
    """One output of the network that has learned errors alone, from ImageNet's weights."""
    model = pretrained(True, work, seed)
    pictures = arrays(work.judge, network(1), keras.losses.MeanSquaredError())[0]
    k = SCALES.index(scale)
    return onto_pictures(work.judge, model, predict(model, [pictures])[..., k : k + 1])


FINDING = Finding(
    question="The errors of which size of holes predict fixations best?",
    arms={f"{scale}": partial(arm, scale) for scale in SCALES},
    pairs=(("16", "32"), ("64", "32"), ("128", "32")),
)
