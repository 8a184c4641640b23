"""Where a map gains or loses information against the centre bias, pixel by pixel.

The gain of a pixel is the fixation density there times log2 of the map's density over the centre
bias' (Kümmerer, Wallis and Bethge 2015); its sum over the picture is the information gain in bits a
fixation, with the fixations blurred.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.dialects import EPS
from benchmark_kit.imaging.colours import colourise
from benchmark_kit.imaging.laid_over import GRAY, lay_over
from benchmark_kit.metrics.ig import RULES
from benchmark_kit.prepared.distribution import Share
from benchmark_kit.prepared.forms import prepare

FADE = 0.3  # how much of the picture shows where nothing is won or lost


def gain_map(
    pixels: np.ndarray, truth: np.ndarray, baseline: np.ndarray, *, log_density: bool = False
) -> np.ndarray:
    """Bits gained at every pixel, float64 (height, width).

    Args:
        pixels: a map of any scale, made a density as `ig_map` does it; or a log density.
        truth: ground-truth density, any scale.
        baseline: density of the centre bias, sums to one.
        log_density: the pixels are natural logarithms of a density.
    """
    if log_density:
        model = np.asarray(pixels, dtype=np.float64) / np.log(2.0)
    else:
        values = np.asarray(pixels, dtype=np.float64)
        model = np.log2(Share(prepare(pixels), RULES["map"])(values) + EPS)
    return truth / truth.sum() * (model - np.log2(baseline))


def gain_picture(gain: np.ndarray, limit: float, image: np.ndarray) -> np.ndarray:
    """A gain map over the faded picture: orange wins, purple loses, uint8 (height, width, 3).

    Args:
        gain: bits a pixel.
        limit: gain that takes the full colour.
        image: the picture, uint8 (height, width, 3).
    """
    strength = np.clip(gain / limit, -1, 1) if limit > 0 else np.zeros_like(gain)
    ground = 255 - (255 - image.astype(np.float64) @ GRAY) * FADE
    alpha = np.sqrt(np.abs(strength))[..., None]
    return lay_over(ground[..., None], colourise(0.5 + strength / 2, "gain"), alpha)
