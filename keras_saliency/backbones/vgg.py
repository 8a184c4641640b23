"""VGG trunks (Simonyan and Zisserman, ICLR 2015), with strides and dilations as models ask.

Layers carry the names of `keras.applications`, so its files load by name whatever the strides.
Prepared input: BGR, (103.939, 116.779, 123.68) taken off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers

from keras_saliency.backbones.trunk import Backbone, Taps
from keras_saliency.base.colours import CAFFE
from keras_saliency.layers.aligned_pool import AlignedMaxPooling2D
from keras_saliency.layers.dilated_conv import Conv2D

FILTERS = (64, 128, 256, 512, 512)
STRIDES = (2, 2, 2, 2, 2)
URL = "https://storage.googleapis.com/tensorflow/keras-applications/"


def vgg(
    inputs: Any,
    depths: Sequence[int],
    *,
    strides: Sequence[int] = STRIDES,
    sizes: Sequence[int] = (2, 2, 2, 2, 2),
    dilations: Sequence[int] = (1, 1, 1, 1, 1),
    alignment: str | Sequence[str] = "tf",
    first_padding: int = 1,
    blocks: int = 5,
    last_pool: bool = True,
    before_relu: Sequence[str] = (),
    prefix: str = "",
) -> Taps:
    """The convolutional part.

    Args:
        inputs: tensor (batch, height, width, 3), prepared by `CAFFE`.
        depths: convolutions of each block.
        strides: of each block's pool.
        sizes: windows of each block's pool.
        dilations: of each block's convolutions.
        alignment: of all pools, or of each (`AlignedMaxPooling2D`).
        first_padding: zeros around the picture before the first convolution (DVA: 35).
        blocks: how many blocks.
        last_pool: whether the last block is followed by its pool.
        before_relu: convolutions whose values before the ReLU are wanted: taps `NAME_linear`.
        prefix: put before every layer's name.

    Returns:
        layer name (without prefix) -> output, such as `block3_pool`, `block5_conv3`.
    """
    alignments = [alignment] * 5 if isinstance(alignment, str) else list(alignment)
    taps: Taps = {}
    x = inputs
    if first_padding > 1:
        x = layers.ZeroPadding2D(
            first_padding, data_format="channels_last", name=f"{prefix}block1_conv1_pad"
        )(x)
    for block in range(blocks):
        for k in range(depths[block]):
            name = f"block{block + 1}_conv{k + 1}"
            padding = "valid" if not taps and first_padding > 1 else "same"
            apart = name in before_relu
            x = Conv2D(
                FILTERS[block],
                3,
                padding=padding,
                dilation_rate=dilations[block],
                activation=None if apart else "relu",
                data_format="channels_last",
                name=prefix + name,
            )(x)
            if apart:
                taps[f"{name}_linear"] = x
                x = layers.Activation("relu", name=f"{prefix}{name}_relu")(x)
            taps[name] = x
        if block + 1 < blocks or last_pool:
            name = f"block{block + 1}_pool"
            x = AlignedMaxPooling2D(
                sizes[block], strides[block], alignment=alignments[block], name=prefix + name
            )(x)
            taps[name] = x
    return taps


def vgg16(inputs: Any, **options: Any) -> Taps:
    """VGG16: 14,714,688 parameters; options as `vgg`."""
    return vgg(inputs, (2, 2, 3, 3, 3), **options)


def vgg19(inputs: Any, **options: Any) -> Taps:
    """VGG19: 20,024,384 parameters; options as `vgg`."""
    return vgg(inputs, (2, 2, 4, 4, 4), **options)


VGG16 = Backbone(
    "vgg16",
    vgg16,
    CAFFE,
    ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3", "block5_conv3"),
    (1, 2, 4, 8, 16),
    file="vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    url=f"{URL}vgg16/",
    md5="6d6bbae143d832006294945121d1f1fc",
)
VGG19 = Backbone(
    "vgg19",
    vgg19,
    CAFFE,
    ("block1_conv2", "block2_conv2", "block3_conv4", "block4_conv4", "block5_conv4"),
    (1, 2, 4, 8, 16),
    file="vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
    url=f"{URL}vgg19/",
    md5="253f8cb515780f3b799900260a226db6",
)
