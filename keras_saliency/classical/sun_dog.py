"""Saliency using natural statistics, by differences of Gaussians (Zhang et al., JoV 2008).

Like `sun`, with twelve fixed filters: three colour channels by four scales. How natural pictures
answer to them is learned from pictures of the user's, as the authors' numbers are not published.
Borders are mirrored (our choice).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from benchmark_kit.errors import InputError
from benchmark_kit.types import GroundTruth
from keras_saliency.base.array_model import one_colour, rgb_pixels
from keras_saliency.base.estimator import Estimator

SCALES = (4, 8, 16, 32)  # pixels
RATIO = 1.6  # of the surround to the centre
CHANNELS = 3
SHAPES = (0.05, 10.0)  # bounds of theta


class SunDoG(Estimator):
    """Summed (|response| / sigma)^theta over twelve filters; zeros for a picture of one colour.

    `fit` takes the pictures only, their fixations do not matter.

    Args:
        fitted: a file that `save` wrote.

    Raises:
        ConfigError: no such file; `predict_map` before `fit`.
        InputError: a file of another kind.

    Reference: Zhang, Tong, Marks, Shan and Cottrell, "SUN: A Bayesian framework for saliency using
    natural statistics", Journal of Vision 8(7):32, 2008, method 1.
    """

    kind = "sun_dog"
    needs_fixations = False
    shapes: ClassVar = {
        "sigmas": (CHANNELS, len(SCALES)),
        "thetas": (CHANNELS, len(SCALES)),
    }

    def _learn(self, truths: list[GroundTruth]) -> dict[str, np.ndarray]:
        first, second = np.zeros((2, CHANNELS, len(SCALES)))
        pixels = 0
        for truth in truths:
            answers = dog_responses(rgb_pixels(truth.stimulus, turned=False))  # type: ignore[arg-type]
            first += np.abs(answers).sum(axis=(2, 3))
            second += (answers**2).sum(axis=(2, 3))
            pixels += answers[0, 0].size
        if not (second > 0).all():
            raise InputError(
                f"sun_dog: {len(truths)} pictures without any contrast in some channel. "
                "Fix: colour pictures of natural scenes"
            )
        fitted = [
            generalised_gaussian(a, b)
            for a, b in zip(first.ravel() / pixels, second.ravel() / pixels, strict=True)
        ]
        sigmas, thetas = np.array(fitted).T.reshape(2, CHANNELS, len(SCALES))
        return {"sigmas": sigmas, "thetas": thetas}

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        known = self._known()
        if one_colour(image):
            return np.zeros(image.shape[:2])
        scaled = np.abs(dog_responses(image)) / known["sigmas"][..., None, None]
        return (scaled ** known["thetas"][..., None, None]).sum(axis=(0, 1))


def dog_responses(image: np.ndarray) -> np.ndarray:
    """Differences of Gaussians of intensity, red-green and blue-yellow.

    The filter is exp(-r^2 / s^2) / s^2 less the same with 1.6 s in place of s.

    Args:
        image: uint8 (height, width, 3).

    Returns:
        float64 (3, 4, height, width): channel, scale.
    """
    from scipy.fft import dctn, idctn

    red, green, blue = np.moveaxis(image.astype(np.float64), -1, 0)
    channels = np.stack(
        [
            red + green + blue,
            red - green,
            blue - (red + green) / 2 - np.minimum(red, green) / 2,
        ]
    )
    # the cosine transform of a mirrored picture turns the filter into a product
    spectrum = dctn(channels, axes=(1, 2), norm="ortho")
    down, across = (np.pi * np.arange(n) / n for n in image.shape[:2])
    square = down[:, None] ** 2 + across[None, :] ** 2
    found = np.empty((CHANNELS, len(SCALES), *image.shape[:2]))
    for k, scale in enumerate(SCALES):
        centre, surround = (np.exp(-((s * scale) ** 2) * square / 4) for s in (1.0, RATIO))
        found[:, k] = idctn(np.pi * (centre - surround) * spectrum, axes=(1, 2), norm="ortho")
    return found


def generalised_gaussian(absolute: float, square: float) -> tuple[float, float]:
    """Scale and shape of exp(-(|x| / sigma)^theta) from its moments.

    Args:
        absolute: mean of |x|.
        square: mean of x^2.

    Returns:
        (sigma, theta), theta in 0.05..10.
    """
    from scipy.optimize import brentq
    from scipy.special import gammaln

    def misfit(theta: float) -> float:
        ratio = gammaln(1 / theta) + gammaln(3 / theta) - 2 * gammaln(2 / theta)
        return float(ratio - np.log(square / absolute**2))

    low, high = SHAPES
    if misfit(high) >= 0:
        theta = high
    elif misfit(low) <= 0:
        theta = low
    else:
        theta = brentq(misfit, low, high, xtol=1e-12)
    sigma = np.sqrt(square) * np.exp((gammaln(1 / theta) - gammaln(3 / theta)) / 2)
    return float(sigma), float(theta)
