"""Thesis, tables 5.2, 5.10, 5.14: the errors of which size of holes predict fixations best?

The thesis scores what its networks predict of the errors; here the error maps themselves are
scored, which know no chance: one seed is all.
"""

from __future__ import annotations

from functools import partial

from inpainting import FRAME, error_maps_of
from work import Finding, Maps, Work

from keras_saliency.base.geometry import Geometry
from keras_saliency.inpainting.masks import SCALES


def arm(scale: int, work: Work, seed: int) -> Maps:
    """The error maps of one size of holes."""
    k = SCALES.index(scale)
    geometry = Geometry("squeeze", "antialiased")
    return {
        truth.name: geometry.plan(truth.size, FRAME).onto_image(maps[..., k])
        for truth, maps in zip(work.judge, error_maps_of(work.judge, work), strict=True)
    }


FINDING = Finding(
    question="The errors of which size of holes predict fixations best?",
    arms={f"{scale}": partial(arm, scale) for scale in SCALES},
    pairs=(("16", "32"), ("64", "32"), ("128", "32")),
)
