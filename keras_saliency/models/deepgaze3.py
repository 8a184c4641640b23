"""DeepGaze III: where the next fixation goes, given the picture and the last four fixations.

Kümmerer, Bethge, Wallis, "DeepGaze III: Modeling free-viewing human scanpaths with deep learning",
Journal of Vision 2022, and the released code (matthias-k/DeepGaze, `deepgaze3.py`).

    picture, every second pixel -> DenseNet-201, three inner layers -> grid of stride 8 -> 10 times
    [saliency network; distances from earlier fixations -> scanpath network -> fixation selection
    -> blur, centre bias, log density] -> mean of the ten densities
"""

from __future__ import annotations

from typing import Any

import keras

from keras_saliency.backbones.adapters import colours_of, encode_layers
from keras_saliency.base.probabilistic_model import PAST, ProbabilisticModel
from keras_saliency.layers.log_density import DensityMixture
from keras_saliency.layers.scanpath import ScanpathFeatures
from keras_saliency.layers.subsample import Subsample
from keras_saliency.models._deepgaze_head import (
    fixation_selection,
    on_grid,
    prepare,
    saliency_network,
    scanpath_network,
)
from keras_saliency.models._density import density_front, density_inputs, finalise, probabilistic

MAP_FACTOR = 4
TAPS = {"densenet201": ("conv5_block32_0_bn", "conv5_block32_1_conv", "conv5_block31_2_conv")}


def deepgaze3(
    input_shape: tuple[int, int] | None = None,
    encoder: Any = "densenet201",
    components: int = 10,
    scanpath: bool = True,
    downsample: float = 2.0,
) -> ProbabilisticModel:
    """The network; the output is a log density of the picture's size.

    Args:
        input_shape: (height, width) that pictures are squeezed to; None: any size, and those
            larger than 768x1024 shrunk.
        encoder: the frozen trunk; of another than DenseNet-201 its two coarsest resolutions.
        components: readouts whose densities are mixed.
        scanpath: whether earlier fixations are an input; without it the density is that of any
            fixation.
        downsample: picture pixels for one that the trunk sees (1.5 in the first stage of training).
    """
    picture, centre_bias = density_inputs(input_shape, 32, "deepgaze3")
    small = Subsample(downsample, name="subsampled")(picture)
    prepared = prepare(small, colours_of(encoder), "colours")
    trunk, taps = encode_layers(encoder, prepared, TAPS.get(_name(encoder), ()))
    inputs = [picture, centre_bias]
    history = None
    if scanpath:
        history = keras.Input((PAST, 2), name="history")
        inputs.append(history)
    output = scanpath_mixture(taps, small, picture, centre_bias, history, components)
    front = density_front(input_shape)
    return probabilistic("deepgaze3", inputs, output, front, [trunk])


def scanpath_mixture(
    taps: list[Any],
    small: Any,
    picture: Any,
    centre_bias: Any,
    history: Any | None,
    components: int,
    readout_factor: float = 4,
) -> Any:
    """The mixture of components over taps of any sizes (b, r, c, C), (b, h, w, 1).

    Args:
        taps: of the trunk.
        small: the subsampled picture, whose size decides the grid.
        picture: at its own size, in whose pixels `history` is.
        centre_bias: log density (b, h, w, 1).
        history: (b, 4, 2), or None.
        components: their number.
        readout_factor: pixels of `small` for a cell of the grid.
    """
    features = on_grid(taps, small, readout_factor, "")
    past = None
    if history is not None:
        past = ScanpathFeatures(dtype="float32", name="scanpath_features")(
            [history, picture, features]
        )
    densities = []
    for k in range(components):
        prefix = f"component{k}_"
        known = None if past is None else scanpath_network(past, history, prefix)
        x = fixation_selection(saliency_network(features, prefix), known, prefix)
        densities.append(finalise(x, centre_bias, MAP_FACTOR, prefix))
    return DensityMixture(dtype="float32", name="mixture")(densities)


def _name(encoder: Any) -> str:
    return encoder if isinstance(encoder, str) else ""
