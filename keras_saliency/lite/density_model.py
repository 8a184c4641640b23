"""What our models without Keras share: a picture and a centre bias in, a density out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from keras_saliency.base.array_model import ArrayModel, rgb_pixels
from keras_saliency.base.centre_bias import Source
from keras_saliency.lite.settings import Settings

if TYPE_CHECKING:
    from keras_saliency.base.array_model import Picture


class DensityModel(ArrayModel):
    """A model that predicts log densities; it implements `_log_density`.

    Attributes:
        settings: for which data set it predicts, and under which centre bias.
    """

    settings: Settings

    def predict_log_density(self, image: Picture, centre_bias: Source | None = None) -> np.ndarray:
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
        pixels = rgb_pixels(image)
        size = pixels.shape[0], pixels.shape[1]
        return self._log_density(pixels, self.settings.log_prior(centre_bias, size))

    def _log_density(self, pixels: np.ndarray, log_prior: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        return np.exp(self.predict_log_density(image))
