"""VGG-M (Chatfield et al., "Return of the Devil in the Details", BMVC 2014), its convolutions.

Prepared input: BGR, mean taken off. Caffe's padding and rounding: pools round up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers

from keras_saliency.backbones.trunk import Backbone, Taps
from keras_saliency.base.colours import CAFFE
from keras_saliency.layers.aligned_pool import AlignedMaxPooling2D
from keras_saliency.layers.lrn import LocalResponseNormalization


def vgg_m(inputs: Any, *, strides: Sequence[int] = (2, 2), prefix: str = "") -> Taps:
    """The five convolutions.

    Args:
        inputs: tensor (batch, height, width, 3), prepared by `CAFFE`.
        strides: of the first two convolutions (SalNet: 1, 1).
        prefix: put before every layer's name.

    Returns:
        layer name (without prefix) -> output: `conv1`, `norm1`, `pool1`, `conv2` ... `conv5`.
    """
    taps: Taps = {}

    def convolve(x: Any, filters: int, size: int, name: str, stride: int, padding: int) -> Any:
        if padding:
            x = layers.ZeroPadding2D(
                padding, data_format="channels_last", name=f"{prefix}{name}_pad"
            )(x)
        taps[name] = layers.Conv2D(
            filters,
            size,
            strides=stride,
            activation="relu",
            data_format="channels_last",
            name=f"{prefix}{name}",
        )(x)
        return taps[name]

    def shrink(x: Any, k: int) -> Any:
        x = LocalResponseNormalization(
            size=5, alpha=5e-4, beta=0.75, k=2.0, name=f"{prefix}norm{k}"
        )(x)
        taps[f"norm{k}"] = x
        taps[f"pool{k}"] = AlignedMaxPooling2D(3, 2, alignment="caffe", name=f"{prefix}pool{k}")(x)
        return taps[f"pool{k}"]

    x = shrink(convolve(inputs, 96, 7, "conv1", strides[0], 0), 1)
    x = shrink(convolve(x, 256, 5, "conv2", strides[1], 1), 2)
    for k in (3, 4, 5):
        x = convolve(x, 512, 3, f"conv{k}", 1, 1)
    return taps


VGG_M = Backbone("vgg_m", vgg_m, CAFFE, ("conv1", "conv2", "conv5"), (2, 8, 16))
