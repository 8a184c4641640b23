"""AlexNet (Krizhevsky et al., NIPS 2012), its convolutions: Caffe's two streams, or torch's one.

Caffe's form: grouped convolutions, response normalisation after the pool as in CaffeNet and the
Places network (an option puts it before, as Krizhevsky had it); BGR, mean taken off. Torch's form:
one stream of 64, 192, 384, 256, 256 channels, no normalisation; RGB over 255, ImageNet's mean and
deviation.
"""

from __future__ import annotations

from typing import Any

from keras import layers

from keras_saliency.backbones.trunk import Backbone, Taps
from keras_saliency.base.colours import CAFFE, TORCH
from keras_saliency.layers.aligned_pool import AlignedMaxPooling2D
from keras_saliency.layers.lrn import LocalResponseNormalization


def alexnet(inputs: Any, *, lrn: str = "after", last_pool: bool = False, prefix: str = "") -> Taps:
    """Caffe's form: 2,334,080 parameters.

    Args:
        inputs: tensor (batch, height, width, 3), prepared by `CAFFE`.
        lrn: response normalisation `"after"` the pool or `"before"` it.
        last_pool: whether `pool5` follows the last convolution.
        prefix: put before every layer's name.

    Returns:
        layer name (without prefix) -> output: `conv1` to `conv5` after their ReLU, `pool1`,
        `norm1`, `pool2`, `norm2`, and `pool5` if there is one.

    Raises:
        ValueError: another place of the normalisation.
    """
    if lrn not in ("after", "before"):
        raise ValueError(f"lrn must be 'after' or 'before' the pool; found {lrn!r}. Choose one.")
    taps: Taps = {}

    def convolve(x: Any, filters: int, size: int, name: str, **options: Any) -> Any:
        if size > 1 and options.pop("padded", True):
            x = layers.ZeroPadding2D(
                size // 2, data_format="channels_last", name=f"{prefix}{name}_pad"
            )(x)
        taps[name] = layers.Conv2D(
            filters,
            size,
            activation="relu",
            data_format="channels_last",
            name=f"{prefix}{name}",
            **options,
        )(x)
        return taps[name]

    def shrink(x: Any, k: int) -> Any:
        steps = ("pool", "norm") if lrn == "after" else ("norm", "pool")
        for step in steps:
            name = f"{step}{k}"
            layer = (
                AlignedMaxPooling2D(3, 2, alignment="caffe", name=f"{prefix}{name}")
                if step == "pool"
                else LocalResponseNormalization(5, 1e-4, 0.75, 1.0, name=f"{prefix}{name}")
            )
            taps[name] = x = layer(x)
        return x

    x = shrink(convolve(inputs, 96, 11, "conv1", strides=4, padded=False), 1)
    x = shrink(convolve(x, 256, 5, "conv2", groups=2), 2)
    x = convolve(x, 384, 3, "conv3")
    x = convolve(x, 384, 3, "conv4", groups=2)
    x = convolve(x, 256, 3, "conv5", groups=2)
    if last_pool:
        taps["pool5"] = AlignedMaxPooling2D(3, 2, alignment="caffe", name=f"{prefix}pool5")(x)
    return taps


def alexnet_torch(inputs: Any, *, prefix: str = "") -> Taps:
    """Torch's form: 2,469,696 parameters.

    Args:
        inputs: tensor (batch, height, width, 3), prepared by `TORCH`.
        prefix: put before every layer's name.

    Returns:
        layer name (without prefix) -> output: `features_0`, `features_3`, `features_6`,
        `features_8`, `features_10`, torch's names of the convolutions, before their ReLU.
    """
    taps: Taps = {}
    x = inputs
    rows = ((0, 64, 11, 4, 2), (3, 192, 5, 1, 2), (6, 384, 3, 1, 1), (8, 256, 3, 1, 1))
    for index, filters, size, stride, padding in (*rows, (10, 256, 3, 1, 1)):
        name = f"features_{index}"
        x = layers.ZeroPadding2D(padding, data_format="channels_last", name=f"{prefix}{name}_pad")(
            x
        )
        taps[name] = x = layers.Conv2D(
            filters, size, strides=stride, data_format="channels_last", name=f"{prefix}{name}"
        )(x)
        if index == 10:
            break
        x = layers.Activation("relu", name=f"{prefix}{name}_relu")(x)
        if index in (0, 3):
            x = layers.MaxPooling2D(3, 2, data_format="channels_last", name=f"{prefix}{name}_pool")(
                x
            )
    return taps


ALEXNET = Backbone("alexnet", alexnet, CAFFE, ("conv1", "conv2", "conv5"), (4, 8, 16))
ALEXNET_TORCH = Backbone(
    "alexnet_torch", alexnet_torch, TORCH, ("features_0", "features_3", "features_10"), (4, 8, 16)
)
