"""The uniform baseline: every place is looked at as often as any other."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_saliency.base.array_model import ArrayModel, rgb_pixels


class Uniform(ArrayModel):
    """Maps of ones, and the density that spreads one fixation over all pixels alike."""

    def predict_log_density(self, image: Any) -> np.ndarray:
        """Natural-log density of one picture's next fixation.

        Args:
            image: as for `predict_map`; only its size counts.

        Returns:
            float64 (height, width), minus the logarithm of the number of pixels everywhere.
        """
        size = rgb_pixels(image).shape[:2]
        return np.full(size, -np.log(size[0] * size[1]))

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        return np.ones(image.shape[:2])
