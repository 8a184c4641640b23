"""What DeepGaze puts on a trunk: its taps on one grid, and a component's three small networks.

matthias-k/DeepGaze, `deepgaze2e.py` and `deepgaze3.py`: 1x1 convolutions, each behind a
normalisation of the whole stack, softplus between them.
"""

from __future__ import annotations

from typing import Any

from keras import layers

from keras_saliency.base.colours import Colours
from keras_saliency.layers.map_normalization import MapNormalization
from keras_saliency.layers.prepare import PrepareColours
from keras_saliency.layers.scanpath import ScanpathEncoding
from keras_saliency.layers.subsample import ResizeToGrid


def on_grid(taps: list[Any], small: Any, factor: float, prefix: str) -> Any:
    """Taps side by side on the grid of the readout."""
    resized = [
        ResizeToGrid(factor, name=f"{prefix}tap{k}_on_grid")([tap, small])
        for k, tap in enumerate(taps)
    ]
    return layers.Concatenate(name=f"{prefix}features")(resized)


def prepare(picture: Any, colours: Colours, name: str) -> Any:
    """RGB in 0..255 as a trunk wants it."""
    return PrepareColours(colours.order, colours.scale, colours.mean, colours.deviation, name=name)(
        picture
    )


def saliency_network(features: Any, prefix: str) -> Any:
    """Features (b, r, c, C) to one map: C -> 8 -> 16 -> 1; 10 C + 217 parameters."""
    x = features
    for k, filters in enumerate((8, 16, 1)):
        x = _norm(x, f"{prefix}saliency_norm{k}")
        x = _dense(x, filters, f"{prefix}saliency_conv{k}", "softplus")
    return x


def scanpath_network(features: Any, history: Any, prefix: str) -> Any:
    """Distances from earlier fixations to 16 channels; 4,368 parameters for four fixations."""
    x = ScanpathEncoding(128, name=f"{prefix}scanpath_encoding")([features, history])
    x = layers.Activation("softplus", name=f"{prefix}scanpath_softplus0")(x)
    x = _norm(x, f"{prefix}scanpath_norm1")
    return _dense(x, 16, f"{prefix}scanpath_conv1", "softplus")


def fixation_selection(saliency: Any, scanpath: Any | None, prefix: str) -> Any:
    """One map, and the scanpath's channels where there are any, to scores.

    2,594 parameters without scanpath, 4,674 with its 16 channels. The original has a convolution
    for each input and adds them up: one convolution of both together.
    """
    x = _norm(saliency, f"{prefix}selection_norm0")
    if scanpath is not None:
        past = _norm(scanpath, f"{prefix}selection_norm0_scanpath")
        x = layers.Concatenate(name=f"{prefix}selection_inputs")([x, past])
    x = _dense(x, 128, f"{prefix}selection_conv0", "softplus")
    x = _norm(x, f"{prefix}selection_norm1")
    x = _dense(x, 16, f"{prefix}selection_conv1", "softplus")
    return _dense(x, 1, f"{prefix}selection_conv2", None, use_bias=False)


def _norm(x: Any, name: str) -> Any:
    return MapNormalization(name=name)(x)


def _dense(x: Any, filters: int, name: str, activation: str | None, use_bias: bool = True) -> Any:
    return layers.Conv2D(
        filters,
        1,
        activation=activation,
        use_bias=use_bias,
        data_format="channels_last",
        name=name,
    )(x)
