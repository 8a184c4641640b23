"""Models of which something else than all maps is wanted: one of them, or the log densities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError
from keras_saliency.base.array_model import ArrayModel

MEAN = "mean"


class OneMap:
    """A model's map of one name, or the mean of all of them.

    Args:
        model: what `build_model` or `load_model` gave.
        name: one of its `map_names`, or `"mean"`.

    Raises:
        ConfigError: a model of one map, or one without such a map.
    """

    map_names: tuple[str, ...] = ()

    def __init__(self, model: Any, name: str):
        known = getattr(model, "map_names", ())
        called = getattr(model, "name", None) or type(model).__name__
        if not known:
            raise ConfigError(f"{called} gives one map: there is no map {name!r} to choose")
        if name not in (*known, MEAN):
            raise ConfigError(
                f"{called} has no map {name!r}; its maps: {', '.join(known)}, or {MEAN}"
            )
        self.model, self.name, self.card = model, called, model.card
        self.random_weights = model.random_weights
        self._index = None if name == MEAN else known.index(name)

    def predict_map(self, image: Any, **options: Any) -> np.ndarray:
        """As the model's, (height, width)."""
        return self._chosen(self.model.predict_map(image, **options))

    def predict_maps(self, images: Iterable[Any], **options: Any) -> Iterator[np.ndarray]:
        """As the model's, each (height, width)."""
        return map(self._chosen, self.model.predict_maps(images, **options))

    def _chosen(self, maps: np.ndarray) -> np.ndarray:
        return maps.mean(axis=-1) if self._index is None else maps[..., self._index]


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
