"""FUCOS-style: a fully convolutional network for gaze, in a form of ours.

Bruce, Catton, Janjic, "A Deeper Look at Saliency: Feature Contrast, Semantics, and Beyond", CVPR
2016, fine-tunes FCN-8s; widths and the last layers here are our choice. Long, Shelhamer, Darrell,
CVPR 2015, is the network underneath.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import initializers, layers

from keras_saliency.backbones.adapters import encode
from keras_saliency.base.colours import CAFFE
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.like import CropLike
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution, convolution_relu

CLASSES = 60


def fucos(
    input_shape: tuple[int, int] = (480, 640), fc_channels: int = 4096, dropout: float = 0.5
) -> SaliencyModel:
    """The network; the output has the picture's size and lies in 0..1.

    Args:
        input_shape: (height, width).
        fc_channels: width of the two convolutions that were VGG's dense layers.
        dropout: after each of them.
    """
    picture = picture_input(input_shape, least=32, model="fucos")
    trunk = encode("vgg16", picture)
    x = trunk.taps["block5_pool"]
    for name, size in (("fc6", 7), ("fc7", 1)):
        x = convolution_relu(x, fc_channels, size, name)
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    x = convolution(x, CLASSES, 1, "score_fr")
    for tap, size, name in (("block4_pool", 4, "up2"), ("block3_pool", 4, "up4")):
        score = convolution(trunk.taps[tap], CLASSES, 1, f"score_{tap}")
        x = _enlarge(x, 2, size, name)
        x = CropLike(0, name=f"{name}_crop")([x, score])
        x = layers.Add(name=f"{name}_sum")([x, score])
    x = CropLike(0, name="crop")([_enlarge(x, 8, 16, "up8"), picture])
    x = convolution_relu(x, 12, 1, "combine")
    x = layers.Conv2D(
        1, 1, activation="sigmoid", data_format="channels_last", dtype="float32", name="map"
    )(x)
    front = Front(input_shape, Geometry("squeeze"), CAFFE)
    return assemble("fucos", picture, x, front, [trunk])


def _enlarge(x: Any, factor: int, size: int, name: str) -> Any:
    return layers.Conv2DTranspose(
        CLASSES,
        size,
        strides=factor,
        padding="same",
        use_bias=False,
        kernel_initializer=initializers.Constant(bilinear_kernel(size, CLASSES).tolist()),
        data_format="channels_last",
        name=name,
    )(x)


def bilinear_kernel(size: int, channels: int) -> np.ndarray:
    """Transposed kernel (size, size, channels, channels) that interpolates each channel alone."""
    factor = (size + 1) // 2
    centre = (2 * factor - 1 - factor % 2) / (2 * factor)
    line = 1 - np.abs(np.arange(size) / factor - centre)
    kernel = np.zeros((size, size, channels, channels), np.float32)
    kernel[:, :, np.arange(channels), np.arange(channels)] = np.outer(line, line)[..., None]
    return kernel
