"""The log densities of a probabilistic model, as a model whose maps they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError
from keras_saliency.base.array_model import ArrayModel


class LogDensities(ArrayModel):
    """A model that gives natural-log densities in place of maps.

    Args:
        model: what `build_model` or `load_model` gave.

    Raises:
        ConfigError: a model that is not probabilistic.
    """

    map_names: tuple[str, ...] = ()

    def __init__(self, model: Any):
        if not hasattr(model, "predict_log_density"):
            called = getattr(model, "name", None) or type(model).__name__
            raise ConfigError(
                f"{called} gives no log densities. Fix: --depth float for its maps, or a model "
                "that is probabilistic, such as saliency_lite"
            )
        self.model, self.card = model, getattr(model, "card", None)

    def predict_maps(self, images: Iterable[Any], **options: Any) -> Iterator[np.ndarray]:
        """Log densities of pictures of any sizes, in order, float64 (height, width) each."""
        if hasattr(self.model, "predict_log_densities"):  # a network: several in one pass
            return self.model.predict_log_densities(images, **options)
        return super().predict_maps(images, **options)

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        return self.model.predict_log_density(image)
