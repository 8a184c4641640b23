"""`saliency_best`: what several networks of our own say together, without Keras."""

from __future__ import annotations

import numpy as np

from keras_saliency.lite.density_model import DensityModel
from keras_saliency.lite.members import members
from keras_saliency.lite.settings import settings_of


class SaliencyBest(DensityModel):
    """The most exact model: the mean of densities over networks, frames and mirror images.

    Densities are averaged, not their logarithms: the mean stays calibrated where networks disagree.

    Args:
        dataset: one of the training sets (`"osie"`, `"mit1003"`, `"pascal_s"`, `"eyecrowd"`), whose
            calibrations and centre bias are taken; None: for pictures of no known set.
        gain: factor of every network's scores; below 1 the densities are flatter.

    Raises:
        ConfigError: the distribution of the weights is not installed, an unknown data set, or a
            gain that is not above 0.
    """

    def __init__(self, dataset: str | None = None, gain: float = 1.0):
        self.members = list(members())
        # centre biases are those of the training sets, the same for all members
        self.settings = settings_of(self.members[0].weights, dataset, gain, name="saliency_best")

    def _log_density(self, pixels: np.ndarray, log_prior: np.ndarray) -> np.ndarray:
        mirrored = np.ascontiguousarray(pixels[:, ::-1])
        total = np.zeros(log_prior.shape)
        for member in self.members:
            calibration = self.settings.calibration(member.weights.calibrations)
            total += np.exp(member.log_density(pixels, calibration, log_prior))
            turned = member.log_density(mirrored, calibration, log_prior[:, ::-1])
            total += np.exp(turned)[:, ::-1]
        return np.log(total / total.sum())
