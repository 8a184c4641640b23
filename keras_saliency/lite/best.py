"""`saliency_best`: what several networks of our own say together, without Keras."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_saliency.array_model import ArrayModel, rgb_pixels
from keras_saliency.lite.members import members
from keras_saliency.lite.settings import settings_of


class SaliencyBest(ArrayModel):
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

    def predict_log_density(self, image: Any, centre_bias: Any = None) -> np.ndarray:
        """Natural-log density of one picture's next fixation.

        Args:
            image: as for `predict_map`.
            centre_bias: None for the model's own; `"photo"`, `"uniform"`, a training set's name; a
                fitted `centre_bias.CentreBias`, an array of log density of any size, or a `.npy`
                file of one.

        Returns:
            float64 (height, width) at the picture's own size; its exponentials sum to one.

        Raises:
            ConfigError: an unknown centre bias, a path that does not exist.
            InputError: a file or an array that is no picture, or no log density.
        """
        return np.log(self._density(rgb_pixels(image), centre_bias))

    def _density(self, pixels: np.ndarray, centre_bias: Any = None) -> np.ndarray:
        log_prior = self.settings.log_prior(centre_bias, pixels.shape[:2])  # type: ignore[arg-type]
        mirrored = np.ascontiguousarray(pixels[:, ::-1])
        total = np.zeros(log_prior.shape)
        for member in self.members:
            calibration = self.settings.calibration(member.weights.calibrations)
            total += np.exp(member.log_density(pixels, calibration, log_prior))
            turned = member.log_density(mirrored, calibration, log_prior[:, ::-1])
            total += np.exp(turned)[:, ::-1]
        return total / total.sum()

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        return self._density(image)
