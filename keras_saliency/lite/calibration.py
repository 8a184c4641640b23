"""From scores on a coarse grid to a log density at the picture's size: blur, gain, prior."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from keras_saliency.base.centre_bias import normalised
from keras_saliency.base.resample import resample


@dataclass(frozen=True)
class Calibration:
    """How far looking spreads in a data set, how alike observers are, how central they look.

    Args:
        sigma: of the blur in cells of the grid of stride 8 (the picture scaled to about 384x512).
        prior_weight: of the log prior.
        gain: of the blurred scores.
    """

    sigma: float
    prior_weight: float
    gain: float

    def log_density(self, scores: np.ndarray, log_prior: np.ndarray) -> np.ndarray:
        """Natural-log density of the next fixation.

        Args:
            scores: float (rows, columns) on the grid of stride 16.
            log_prior: float64 (height, width) at the picture's size.

        Returns:
            float64 (height, width); its exponentials sum to one.
        """
        plane = self.blur(fine(scores))
        height, width = log_prior.shape
        large = resample(plane.astype(np.float32), (height, width), "bilinear")
        return normalised(self.gain * large.astype(np.float64) + self.prior_weight * log_prior)

    def blur(self, planes: np.ndarray) -> np.ndarray:
        """Planes (…, rows, columns) of stride 8, blurred; what lies outside does not count.

        The formula is that of `layers.calibration.DatasetCalibration`, on which it was learned.
        """
        down, across = (_kernel(n, self.sigma) for n in planes.shape[-2:])
        return down @ planes @ across.T


def mean_calibration(known: Iterable[Calibration]) -> Calibration:
    """Of the mean log sigma, weight and log gain: what the network takes for unknown pictures."""
    rows = [(math.log(one.sigma), one.prior_weight, math.log(one.gain)) for one in known]
    log_sigma, weight, log_gain = np.mean(rows, axis=0)
    return Calibration(math.exp(log_sigma), float(weight), math.exp(log_gain))


def fine(scores: np.ndarray) -> np.ndarray:
    """Scores of stride 16 brought to stride 8, float32."""
    rows, columns = scores.shape
    return resample(np.asarray(scores, np.float32), (2 * rows, 2 * columns), "bilinear")


def _kernel(cells: int, sigma: float) -> np.ndarray:
    place = np.arange(cells)
    weights = np.exp(-0.5 * ((place[:, None] - place) / sigma) ** 2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
