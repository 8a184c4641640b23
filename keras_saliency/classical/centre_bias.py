"""The centre-bias baseline: people look at the middle, whatever the picture shows.

A Gaussian stretched to the picture's sides, as the MIT benchmark's model "centre"; its width of a
quarter of each side is our choice. With a centre bias that was fitted to a data set (or an array of
log density) in its place this is the strongest model that sees no picture.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError
from keras_saliency.array_model import ArrayModel, rgb_pixels
from keras_saliency.centre_bias import log_centre_bias, normalised


class CentreBiasBaseline(ArrayModel):
    """A map that depends on the picture's size only, 1 at its highest place.

    Args:
        s: standard deviations of the Gaussian as a share of the width and of the height.
        fitted: None for the Gaussian; else what a probabilistic model takes as its centre bias: a
            `centre_bias.CentreBias` of `fit_centre_bias`, an array of log density, a `.npy` file.

    Raises:
        ConfigError: a width that is not above 0, or no such file.
        InputError: a file or array that is no log density.
    """

    def __init__(self, s: float = 0.25, fitted: Any = None):
        if not 0 < s < np.inf:
            raise ConfigError(f"s must be a share of the picture's side above 0, got {s}")
        self.width = s
        self.fitted = fitted

    def predict_log_density(self, image: Any) -> np.ndarray:
        """Natural-log density of one picture's next fixation.

        Args:
            image: as for `predict_map`; only its size counts.

        Returns:
            float64 (height, width); its exponentials sum to one.
        """
        return normalised(self._log_map(rgb_pixels(image).shape[:2]))

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        log_map = self._log_map(image.shape[:2])
        return np.exp(log_map if self.fitted is None else log_map - log_map.max())

    def _log_map(self, size: tuple[int, int]) -> np.ndarray:
        if self.fitted is not None:
            return log_centre_bias(self.fitted, size)
        rows, columns = ((np.arange(n) - (n - 1) / 2) / (n * self.width) for n in size)
        return -(rows[:, None] ** 2 + columns[None, :] ** 2) / 2
