"""Inpainters by name: harmonic filling, or a network with its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError
from keras_saliency.inpainting.error_maps import Inpainter
from keras_saliency.inpainting.harmonic import HarmonicInpainter


def open_inpainter(name: str, weights: Path | None = None) -> tuple[Inpainter, str]:
    """An inpainter and what to call it in records.

    Args:
        name: `"harmonic"`, or an entry of kind inpainter.
        weights: the network's file.

    Raises:
        ConfigError: a network without weights, or no such file.
        InputError: a weights file of another network.
        MissingExtra: no Keras backend is installed.
    """
    if name == "harmonic":
        return HarmonicInpainter(), name
    if weights is None:
        raise ConfigError(
            f"{name} needs weights: with random ones its fillings say nothing. "
            "Fix: --weights FILE, or --inpainter harmonic"
        )
    from keras_saliency.registry.build import build_model

    return NetworkInpainter(build_model(name, weights=weights)), f"{name} {weights.name}"


class NetworkInpainter:
    """A network of kind inpainter as an inpainter of arrays.

    Args:
        model: a Keras model with inputs (picture, mask), both (b, h, w, 3).
    """

    def __init__(self, model: Any):
        self.model = model

    def __call__(self, pictures: np.ndarray, masks: np.ndarray) -> np.ndarray:
        """Fill the holes; see `error_maps.error_cells`."""
        three = np.repeat(masks[..., None], 3, axis=3)
        return np.asarray(self.model.predict_on_batch([pictures * three, three]), np.float32)
