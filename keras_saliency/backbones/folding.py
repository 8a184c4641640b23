"""A trunk without batch normalisation: the statistics become part of its kernels and biases.

For trunks whose convolutions each have one behind them: EfficientNet-Lite and MobileNet.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from keras_saliency.backbones.trunk import Backbone
from keras_saliency.backbones.weights import Arrays, read_layers

EPSILON = 1e-3  # that of both networks, and of Keras


def without_statistics(backbone: Backbone) -> Backbone:
    """The trunk in its folded form, from the same files."""

    def read(path: Path) -> Arrays:
        return _folded(read_layers(path, backbone.read))

    return replace(backbone, build=partial(backbone.build, folded=True), read=read)


def _folded(arrays: Arrays) -> Arrays:
    """A kernel and a bias for each convolution."""
    return {
        name: _fold(parts[0], arrays[statistics_name(name)])
        for name, parts in arrays.items()
        if statistics_name(name) in arrays
    }


def statistics_name(convolution: str) -> str:
    """Name of the batch normalisation behind a convolution."""
    return convolution.removesuffix("_conv") + "_bn"


def _fold(kernel: np.ndarray, statistics: list[np.ndarray]) -> list[np.ndarray]:
    gamma, beta, mean, variance = statistics
    factor = gamma / np.sqrt(variance + EPSILON)
    depthwise = kernel.shape[3] == 1 and kernel.shape[2] == len(factor)
    return [kernel * (factor[:, None] if depthwise else factor), beta - mean * factor]
