"""DeepGaze IIE: readouts on several trunks, their densities mixed.

Linardos, Kümmerer, Press, Bethge, "DeepGaze IIE: Calibrated prediction in and out-of-domain for
state-of-the-art saliency modeling", ICCV 2021, and the released code (matthias-k/DeepGaze).

    picture, every second pixel -> for each trunk: inner layers before their activation -> grid of
    stride 32 -> 30 times [saliency network -> fixation selection -> blur, centre bias] -> mean of
    the trunk's densities -> mean over trunks
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.adapters import colours_of, encode_layers
from keras_saliency.base.probabilistic_model import ProbabilisticModel
from keras_saliency.layers.log_density import DensityMixture
from keras_saliency.layers.subsample import Subsample
from keras_saliency.models._deepgaze_head import (
    fixation_selection,
    on_grid,
    prepare,
    saliency_network,
)
from keras_saliency.models._density import density_front, density_inputs, finalise, probabilistic

DOWNSAMPLE, READOUT_FACTOR, MAP_FACTOR = 2, 16, 2
# the released taps in Keras' words; the ResNet there was trained on stylised ImageNet too
TAPS = {
    "resnet50": (
        "conv4_block1_2_conv",
        "conv4_block4_2_conv",
        "conv4_block6_1_conv",
        "conv4_block6_2_conv",
        "conv5_block2_2_conv",
        "conv5_block3_2_conv",
    ),
    "efficientnet_b5": ("block5e_dwconv", "block5g_dwconv", "block6i_project_conv"),
    "densenet201": ("conv5_block32_0_bn", "conv5_block32_1_conv", "conv5_block31_2_conv"),
    "resnext50": (
        "conv4_block6_1_conv",
        "conv4_block6_2_conv",
        "conv4_block5_2_conv",
        "conv5_block3_2_conv",
    ),
}


def deepgaze2e(
    input_shape: tuple[int, int] | None = None,
    encoder: Sequence[Any] = ("resnet50", "efficientnet_b5", "densenet201", "resnext50"),
    components: int = 30,
) -> ProbabilisticModel:
    """The network; the output is a log density of the picture's size.

    Args:
        input_shape: (height, width) that pictures are squeezed to; None: any size, and those
            larger than 768x1024 shrunk.
        encoder: the frozen trunks, names or Keras models; of trunks that the paper does not have,
            their two coarsest resolutions.
        components: readouts of each trunk.

    Raises:
        ConfigError: no encoder.
    """
    encoders = [encoder] if isinstance(encoder, str) else list(encoder)
    if not encoders:
        raise ConfigError("deepgaze2e needs at least one encoder, for instance ['resnet50']")
    picture, centre_bias = density_inputs(input_shape, 32, "deepgaze2e")
    small = Subsample(DOWNSAMPLE, name="subsampled")(picture)
    trunks, densities = [], []
    for k, one in enumerate(encoders):
        prefix = f"trunk{k}_"
        prepared = prepare(small, colours_of(one), f"{prefix}colours")
        names = TAPS.get(one, ()) if isinstance(one, str) else ()
        trunk, taps = encode_layers(one, prepared, names, prefix)
        trunks.append(trunk)
        densities.append(spatial_mixture(taps, small, centre_bias, components, prefix))
    output = densities[0]
    if len(densities) > 1:
        output = DensityMixture(dtype="float32", name="mixture")(densities)
    front = density_front(input_shape)
    return probabilistic("deepgaze2e", [picture, centre_bias], output, front, trunks)


def spatial_mixture(
    taps: list[Any], small: Any, centre_bias: Any, components: int, prefix: str = ""
) -> Any:
    """The mixture of one trunk's components over taps of any sizes (b, r, c, C), (b, h, w, 1).

    Args:
        taps: of the trunk.
        small: the subsampled picture, whose size decides the grid.
        centre_bias: log density (b, h, w, 1).
        components: their number.
        prefix: put before every layer's name.
    """
    features = on_grid(taps, small, READOUT_FACTOR, prefix)
    densities = []
    for k in range(components):
        name = f"{prefix}component{k}_"
        x = fixation_selection(saliency_network(features, name), None, name)
        densities.append(finalise(x, centre_bias, MAP_FACTOR, name))
    return DensityMixture(dtype="float32", name=f"{prefix}mixture")(densities)
