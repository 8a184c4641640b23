"""PConv U-Net: fills holes of pictures by partial convolutions.

Liu et al., "Image Inpainting for Irregular Holes Using Partial Convolutions", ECCV 2018, in the
form of a public Keras version (MathiasGruber/PConv-Keras): every convolution has a bias, and an
ordinary 1x1 convolution ends the network. Skips come first in the concatenations.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from keras_saliency.base.saliency_model import SaliencyModel
from keras_saliency.layers.like import CropLike
from keras_saliency.layers.partial_conv import PartialConv2D
from keras_saliency.models._assemble import assemble, picture_input

ENCODER = ((64, 7), (128, 5), (256, 5), (512, 3), (512, 3), (512, 3), (512, 3), (512, 3))
DECODER = (512, 512, 512, 512, 256, 128, 64, 3)


def pconv_unet(
    input_shape: tuple[int, int] = (512, 512),
    scaling: str = "nvidia",
    levels: int = 8,
    final_convolution: bool = True,
) -> SaliencyModel:
    """The network: inputs `picture` (RGB in 0..1) and `mask` (1 valid, 0 hole), output the picture.

    The output is composed: valid pixels are those of the input.

    Args:
        input_shape: (height, width); sides that do not halve evenly are cropped to the skips.
        scaling: of the partial convolutions, see `PartialConv2D`.
        levels: halvings, 8 in the paper and 7 in a public PyTorch version.
        final_convolution: whether the ordinary 1x1 convolution with a sigmoid ends it.
    """
    picture = picture_input(input_shape, least=2**levels // 2, model="pconv_unet")
    mask = keras.Input((*input_shape, 3), name="mask")
    skips = [(picture, mask)]
    x, valid = picture, mask
    for k, (filters, size) in enumerate(ENCODER[:levels], start=1):
        x, valid = _partial(x, valid, filters, size, 2, scaling, f"encoder{k}")
        if k > 1:
            x = layers.BatchNormalization(name=f"encoder{k}_bn")(x)
        x = layers.Activation("relu", name=f"encoder{k}_relu")(x)
        skips.append((x, valid))
    for k, filters in zip(range(levels, 0, -1), DECODER[8 - levels :], strict=True):
        skip, skip_valid = skips[k - 1]
        x, valid = (
            CropLike(0, name=f"decoder{k}_{what}_crop")([_double(t, f"decoder{k}_{what}"), skip])
            for t, what in ((x, "up"), (valid, "mask"))
        )
        x, valid = _partial([skip, x], [skip_valid, valid], filters, 3, 1, scaling, f"decoder{k}")
        if k > 1:
            x = layers.BatchNormalization(name=f"decoder{k}_bn")(x)
            x = layers.LeakyReLU(0.2, name=f"decoder{k}_leaky")(x)
    if final_convolution:
        x = layers.Conv2D(3, 1, activation="sigmoid", data_format="channels_last", name="final")(x)
    x = ComposeInpainting(dtype="float32", name="composed")([picture, mask, x])
    return assemble("pconv_unet", [picture, mask], x, None)


@keras.saving.register_keras_serializable(package="keras_saliency")
class ComposeInpainting(keras.layers.Layer):
    """`mask * picture + (1 - mask) * filled`: valid pixels stay exactly what they were.

    In training it gives `filled`, of which `PConvLoss` compares valid pixels as well, and which it
    composes itself.
    """

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """`inputs`: [picture, mask, filled], each (b, h, w, 3)."""
        picture, mask, filled = inputs
        if training:
            return filled
        return keras.ops.where(mask >= 1, picture, mask * picture + (1 - mask) * filled)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """As the picture's."""
        return input_shape[0]


def _partial(
    x: Any, mask: Any, filters: int, size: int, stride: int, scaling: str, name: str
) -> Any:
    return PartialConv2D(
        filters,
        size,
        strides=stride,
        scaling=scaling,
        return_mask=True,
        name=name,
    )(x, mask)


def _double(x: Any, name: str) -> Any:
    return layers.UpSampling2D(2, interpolation="nearest", data_format="channels_last", name=name)(
        x
    )
