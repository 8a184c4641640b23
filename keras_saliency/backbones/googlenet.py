"""GoogLeNet (Szegedy et al., "Going deeper with convolutions", CVPR 2015), Caffe's form.

No batch normalisation; pools round up; response normalisation after the first pool and before the
second, as in BVLC's model. The classifiers, auxiliary ones included, are left out. Prepared input:
BGR, mean taken off.
"""

from __future__ import annotations

from typing import Any

from keras import layers

from keras_saliency.backbones.trunk import Backbone, Taps
from keras_saliency.base.colours import CAFFE
from keras_saliency.layers.aligned_pool import AlignedMaxPooling2D
from keras_saliency.layers.lrn import LocalResponseNormalization

# module: 1x1 | 1x1 before 3x3, 3x3 | 1x1 before 5x5, 5x5 | 1x1 after the pool
MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
POOLED = {"3b": "pool3", "4e": "pool4"}


def googlenet(inputs: Any, *, prefix: str = "") -> Taps:
    """The convolutional part: 5,973,552 parameters.

    Args:
        inputs: tensor (batch, height, width, 3), prepared by `CAFFE`.
        prefix: put before every layer's name.

    Returns:
        layer name (without prefix) -> output: `conv1`, `pool1`, `norm1`, `conv2_reduce`, `conv2`,
        `norm2`, `pool2`, `inception_3a` to `inception_5b`, `pool3`, `pool4`.
    """
    taps: Taps = {}

    def convolve(x: Any, filters: int, size: int, name: str, stride: int = 1) -> Any:
        if size > 1:
            pad = layers.ZeroPadding2D(
                size // 2, data_format="channels_last", name=f"{prefix}{name}_pad"
            )
            x = pad(x)
        return layers.Conv2D(
            filters,
            size,
            strides=stride,
            activation="relu",
            data_format="channels_last",
            name=f"{prefix}{name}",
        )(x)

    def shrink(x: Any, name: str) -> Any:
        return AlignedMaxPooling2D(3, 2, alignment="caffe", name=f"{prefix}{name}")(x)

    def inception(x: Any, name: str, widths: tuple[int, ...]) -> Any:
        one, before3, three, before5, five, after = widths
        around = AlignedMaxPooling2D(
            3, 1, padding=1, alignment="caffe", name=f"{prefix}{name}_pool"
        )(x)
        branches = [
            convolve(x, one, 1, f"{name}_1x1"),
            convolve(convolve(x, before3, 1, f"{name}_3x3_reduce"), three, 3, f"{name}_3x3"),
            convolve(convolve(x, before5, 1, f"{name}_5x5_reduce"), five, 5, f"{name}_5x5"),
            convolve(around, after, 1, f"{name}_pool_proj"),
        ]
        return layers.Concatenate(name=f"{prefix}{name}")(branches)

    taps["conv1"] = convolve(inputs, 64, 7, "conv1", stride=2)
    taps["pool1"] = shrink(taps["conv1"], "pool1")
    taps["norm1"] = LocalResponseNormalization(name=f"{prefix}norm1")(taps["pool1"])
    taps["conv2_reduce"] = convolve(taps["norm1"], 64, 1, "conv2_reduce")
    taps["conv2"] = convolve(taps["conv2_reduce"], 192, 3, "conv2")
    taps["norm2"] = LocalResponseNormalization(name=f"{prefix}norm2")(taps["conv2"])
    taps["pool2"] = x = shrink(taps["norm2"], "pool2")
    for module, widths in MODULES.items():
        taps[f"inception_{module}"] = x = inception(x, f"inception_{module}", widths)
        if pooled := POOLED.get(module):
            taps[pooled] = x = shrink(x, pooled)
    return taps


GOOGLENET = Backbone(
    "googlenet",
    googlenet,
    CAFFE,
    ("conv1", "conv2", "inception_3b", "inception_4e", "inception_5b"),
    (2, 4, 8, 16, 32),
)
